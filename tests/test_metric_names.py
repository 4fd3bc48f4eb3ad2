"""Names of metrics are read by words: what is a result, on which data, and which way is better."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import get_scorer_names

from lib.model.known_names import known_names
from lib.model.metric_names import NO_RESULT, read_name

SMALLER = """
valLoss val_binary_crossentropy validation_0-mlogloss validation_1-rmse eval-merror valid_0.multi_logloss training.l2
val/loss_epoch train_loss_step eval_loss loss Loss/train losses/bbox loss_giou loss_bbox error_rate top1_error
class_error brier_score FID fid50k clean-fid fid_score val_lpips eer val_per hd95 HausdorffDistance neg_log_likelihood
nll val_kl_divergence wasserstein_distance mmd val_ece 1-ssim 1-auc -reward accuracy_loss loss_of_accuracy score_error
auc_loss logloss dice_loss best_val_loss eval/perplexity ppl val/ppl_best bits_per_char val_bpb bpd loss_per_token
MAPE smape val_nrmse rmsle test.L1_center cumulative_regret latency_ms inference_time memory_mb mean_rank
davies_bouldin false_positive_rate fpr_at_95_tpr epoch_loss ValidationLoss valloss bceloss td_error collision_rate
max_drawdown minFDE misclassification val_loss/dataloader_idx_0 val_loss_fold_3 inverse_accuracy final_wer test_wer
WER% LPIPS↓ cost(minimize) Verlust val_perda 验证损失 cox-nloglik val_cross_entropy MedianAE VAL_LOSS bits/dim
val_bce_dice ate rpe_trans NLPD MSLL val_mpiw VOE code_length timeouts steps_to_solve cross_track_error fpr@tpr=0.95
val_d1_all
"""
LARGER = """
val_acc valAcc acc@5 top1 hits@10 P@10 R@1 mAP mAP@0.5:0.95 metrics/mAP50-95(B) coco/bbox_mAP_50 macro_f1 f1-macro
eval_f1 val/auroc eval-auc validation_0-auc valid_1.ndcg@5 recall@20 MRR miou mIoU meanIoU val_dice_coefficient reward
rollout/ep_rew_mean charts/episodic_return AverageTestEpRet success_rate win_rate bleu4 rougeL eval_rougeLsum psnr
inception_score r2 R2Score explained_variance neg_mean_squared_error neg_log_loss quadratic_weighted_kappa c_index
silhouette_score spearmanr log_likelihood elbo tokens_per_second samples/s val_specificity AP50 exact_match pass@1
glossary_hits terror_score error_f1 accuracy_epoch accuracy/test acc_top1 Val_Pooled_PRAUC loss_improvement
error_reduction rewards/accuracies TM-score num_correct d4rl_normalized_score val_auc_best avg_episode_score PSNR↑
accuracy_per_class reward_per_episode test_acc_norm Genauigkeit 验证准确率 cross_val_score MulticlassF1Score BLEU-4
test_AUC:type=Mu truthfulqa_mc2 Rank-1 val/rank5 mINP TPR@FPR=0.01 images/s humaneval gsm8k arc_easy boolq ifeval_strict
goal_reached_rate AUC(95%CI)
"""
NO_RESULTS = """
_runtime _step _timestamp epoch lr batch_size num_params seed index Seconds Run_Index Total_Runs learning_rate
weight_decay max_epoch best_epoch trainer/global_step lr-AdamW elapsed_min total_timesteps hidden_size loss_weight
reward_scale score_threshold loss_fn train/grad_norm system.gpu.0.memory gradients/layer1 timestamp model_size
threshold input_dim number duration size_mb fold Lernrate train/learning_rate
fp16 use_amp bf16 int8
"""


def test_the_list_holds_at_least_250_names_with_a_direction_each_with_its_source():
    directed = [name for name, entry in known_names().items() if entry.goal and entry.role not in NO_RESULT]
    assert len(directed) >= 250
    assert all(entry.source for entry in known_names().values())
    joined = [name.replace(" ", "") for name in known_names()]
    assert len(joined) == len(set(joined))


@pytest.mark.parametrize("join", [" ".join, "_".join, "-".join, "/".join, ".".join])
def test_each_name_of_the_list_is_read_as_the_list_says_however_its_words_are_joined(join):
    wrong = []
    for name, entry in known_names().items():
        reading = read_name(join(["dev", *name.split()]))
        wrong += [name] if (reading.role, reading.goal) != (entry.role, entry.goal) else []
    assert wrong == []


def test_each_name_of_the_list_is_read_in_camel_case_too():
    wrong = []
    for name, entry in known_names().items():
        camel = "dev" + "".join(word[:1].upper() + word[1:] for word in name.split())
        wrong += [camel] if read_name(camel).goal != entry.goal else []
    assert wrong == []


@pytest.mark.parametrize("name", SMALLER.split())
def test_of_these_smaller_is_better(name):
    assert read_name(name).goal == "minimize"


@pytest.mark.parametrize("name", LARGER.split())
def test_of_these_larger_is_better(name):
    assert read_name(name).goal == "maximize"


@pytest.mark.parametrize("name", NO_RESULTS.split())
def test_clocks_counters_sizes_settings_and_ids_are_no_results(name):
    assert read_name(name).role in NO_RESULT


@pytest.mark.parametrize("name", ["quality_x", "foo", "attack_success_rate", "zzz/bar", "η"])
def test_a_name_that_does_not_say_is_not_given_a_direction_unless_a_word_does(name):
    assert read_name(name).goal == ("maximize" if name == "quality_x" else None)


def test_scikit_learn_scorers_are_larger_is_better_as_its_convention_says():
    wrong = [name for name in get_scorer_names() if read_name(name).goal != "maximize"]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("val_loss", "validation"),
        ("eval/f1", "validation"),
        ("valid_0.auc", "validation"),
        ("testAcc", "test"),
        ("train/loss", "train"),
        ("training.l2", "train"),
        ("loss", ""),
        ("trainable_params", ""),
    ],
)
def test_the_data_that_a_metric_was_measured_on_is_read_from_its_name(name, split):
    assert read_name(name).split == split


def test_a_baseline_is_known_as_one_and_the_best_of_a_run_too():
    assert read_name("baseline_wer").early
    assert not read_name("final_wer").early
    assert read_name("best_val_acc").best
    assert read_name("best_val_acc").measure == read_name("val/acc").measure


@given(st.text(max_size=40))
def test_any_text_has_a_reading(text):
    assert read_name(text).goal in (None, "maximize", "minimize")
