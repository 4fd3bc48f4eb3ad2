"""What a section is made of: blocks that say what there is to see, and know of no way in which it is shown.

A section is a generator of blocks. A control is a block that answers: `pair = yield Choice(...)` gets what the reader
chose where there is one, and the control's `first` answer in a written report. Containers answer with a tuple of what
their children answer. Renderers (`lib/render`) run it with `walk`.

Over 300 lines: a class for each block, each field documented.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

    from lib.charts.marks import Drawing
    from lib.charts.picks import Reader
    from lib.model.notes import Notes

MOST_ROWS_WRITTEN = 200
Sureness = Literal["clear", "likely", "nothing found"]
HOW = "How this was computed"


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer to the section's question. It stands at the section's head, wherever it is yielded."""

    text: str
    evidence: str | None = None
    """One line on what it rests on; None for a page to state the objective there."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a part of a section."""

    text: str
    level: Literal[1, 2] = 1
    """2 is a part within a part."""


@dataclass(frozen=True, slots=True)
class Text:
    """One or more sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A quiet remark: how to read what stands above it, or what it leaves out."""

    text: str


@dataclass(frozen=True, slots=True)
class Tip:
    """How to work with a chart or table on a page. Written formats, in which nothing can be clicked, leave it out."""

    text: str


@dataclass(frozen=True, slots=True)
class Method:
    """How something was computed, with the names of the methods: folded where it can be."""

    text: str


@dataclass(frozen=True, slots=True)
class Warning:
    """What a reader should know before the numbers."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """Sentences as a list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Metric:
    """One number with its name."""

    label: str
    value: str
    """The number as people read it."""
    help: str | None = None
    """What the number means, or the number in full."""
    beside: str | None = None
    """What to compare it with, or why it is so, in a few words."""


@dataclass(frozen=True, slots=True)
class Code:
    """Text to be copied letter for letter."""

    text: str
    language: str
    folded: str | None = None
    """The title behind which a page hides it at first; None where it is open."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address outside the report, such as that of a run on W&B."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class RunName:
    """The name of a run that opens the run's own view. Written formats, which have no such view, leave it out."""

    run_id: str
    name: str
    key: str
    """Names it within its section, where a run is named more than once."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another section."""

    address: str
    """The section's address, as in `SECTIONS`."""
    label: str | None = None
    """What it says; the section's name if None."""
    choices: Mapping[str, str] = field(default_factory=dict)
    """What the section's controls shall hold, by their keys."""


@dataclass(frozen=True, eq=False, slots=True)
class Chart:
    """A chart with the text that says it in words."""

    key: str
    """Names the chart within its section, and its file."""
    title: str
    """What the chart is called where it stands alone."""
    alternative: str
    """What the chart shows, for readers who can't see it."""
    draw: Callable[..., Drawing | None]
    """Draws it; None where there is nothing to draw."""
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    """Keyword arguments of `draw`."""
    live: Mapping[str, Any] = field(default_factory=dict)
    """Further keyword arguments where the chart can be brushed and clicked."""
    tables: Callable[..., Mapping[str, pd.DataFrame]] | None = None
    """Makes the tables that `selection` changes, by their names, from `arguments` and it; the chart is drawn once."""
    selection: Mapping[str, Any] = field(default_factory=dict)
    """Further keyword arguments of `draw`, which change nothing of the chart but those tables."""
    reader: Reader | None = None
    """Turns what is brushed or clicked in the chart into the conditions of the runs that are then highlighted."""
    selections: tuple[str, ...] = ()
    """The chart's selections that `reader` reads; empty for the usual one."""
    adds_up: bool = False
    """Whether what is brushed next narrows what is highlighted; else it takes its place."""
    small: bool = False
    """Whether it is an illustration beside a sentence, and not to be read off in detail."""
    chooses: tuple[str, Sequence[str]] | None = None
    """The key of a control that a click on a mark sets, and its options by the mark's field "y"."""

    @property
    def keywords(self) -> dict[str, Any]:
        """All keyword arguments of `draw` where nobody brushes or clicks."""
        return {**self.options, **self.selection}


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """A table. It is made once somebody sees or saves it."""

    name: str
    """Names the table within its section, and its file."""
    label: str
    """What the table holds."""
    make: Callable[[], pd.DataFrame]
    folded: str | None = None
    """The title behind which a page hides the table at first; None where it is open."""
    run_ids: Callable[[], Sequence[str]] | None = None
    """The run of each row, where rows can be chosen to keep or leave out their runs; its name opens its view."""
    opens: Callable[[], Sequence[str]] | None = None
    """The run of each row, where its name opens its view and rows can't be chosen."""
    names: str = "run"
    """The column that holds the names of the runs."""
    chosen: Sequence[int] = ()
    """Rows that are chosen at first."""
    head: Callable[[int], pd.DataFrame] | None = None
    """Makes the first rows as a page shows them, where the whole table is large or has more digits than can be read;
    `rows` is its length then."""
    rows: int | None = None
    written: int = MOST_ROWS_WRITTEN
    """How many rows a written report lists at most, 0 for none; files of tables hold all."""
    bars: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Columns of numbers that a page draws as bars beside their values, and where these begin and end."""
    wraps: bool = False
    """Whether a page lets its texts wrap: a short table of words that stands in a narrow place."""
    curves: tuple[str, ...] = ()
    """Columns that `head` alone makes: lists of numbers, which a page draws as small curves."""


@dataclass(frozen=True, eq=False, slots=True)
class Download:
    """A file to save from a page."""

    label: str
    make: Callable[[], bytes | str]
    file_name: str
    """Its name without characters that file systems refuse; the renderer sees to that."""
    mime: str
    help: str | None = None
    noted: Callable[[Notes], bytes | str] | None = None
    """Makes it with the reader's notes inside, where it can hold them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A control that answers with one of its options, or with None where it is optional and nothing is chosen."""

    key: str
    """Its name in the page's address."""
    label: str
    options: Sequence[str]
    default: str | None = None
    """How the first option is announced while nothing is chosen, such as "strongest: lr"; the option itself if None."""
    style: Literal["select", "segmented"] = "select"
    optional: bool = False
    chosen: str | None = None
    """The option that holds where nobody chooses; the first one if None."""
    words: Callable[[str], str] = str
    """How an option is written."""
    help: str | None = None
    width: int | None = None
    """Pixels; as wide as its place if None."""

    @property
    def first(self) -> str | None:
        """The answer where nobody chooses."""
        return None if self.optional or not self.options else self.chosen or self.options[0]


@dataclass(frozen=True, slots=True)
class Several:
    """A control that answers with a list of its options; empty where nothing is chosen."""

    key: str
    """Its name in the page's address."""
    label: str
    options: Sequence[str]
    default: str | None = None
    """What holds while nothing is chosen, in words."""
    further: bool = False
    """Whether a reader may type what isn't among the options."""
    help: str | None = None

    @property
    def first(self) -> list[str]:
        """The answer where nobody chooses."""
        return []


@dataclass(frozen=True, slots=True)
class Slider:
    """A control that answers with the text of a number: one of its options, or another that the address asks for."""

    key: str
    """Its name in the page's address."""
    label: str
    options: Sequence[str]
    """The texts of numbers, from low to high."""
    first: str
    """The answer where nobody chooses."""
    width: int = 260
    """Pixels."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A button that sets controls which stand in the same part. Written formats leave it out."""

    label: str
    key: str
    """Names it within its section."""
    choices: Mapping[str, Any]
    """What the controls shall hold, by their keys."""


@dataclass(frozen=True, slots=True)
class NumberInput:
    """A control that answers with a number, or with None where none is given."""

    key: str
    """Its name in the page's address."""
    label: str
    default: str | None = None
    """What holds while none is given, in words."""
    width: int | None = None

    @property
    def first(self) -> None:
        """The answer where nobody chooses."""
        return None


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """Parts side by side; answers with what each of them answers."""

    children: tuple[Child, ...]
    weights: tuple[float, ...] | None = None
    """The width of each part against the others; None for parts as wide as what they hold."""
    close: bool = False
    """Whether the parts stand close together, as cards do."""
    stays: int | None = None
    """Which part stays in sight while the page is scrolled, by its place; one a page."""


@dataclass(frozen=True, eq=False, slots=True)
class Card:
    """A part of its own with a title, and a link to the section that says more."""

    title: str
    """ "" where what it holds says what it is."""
    children: tuple[Child, ...]
    link: Link | None = None
    about: str = ""
    """How to read it, in a few words beside the title."""
    run: RunName | None = None
    """The run that it is about."""


@dataclass(frozen=True, eq=False, slots=True)
class Tabs:
    """The same in several forms, of which a written report has the first."""

    titles: tuple[str, ...]
    children: tuple[Child, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Claim:
    """A sentence that the report stands for, how sure it is, what it rests on, and where to see that."""

    number: int
    """Its place in the story, from 1."""
    sentence: str
    strength: Sureness
    """How sure it is."""
    evidence: str | None = None
    chart: Chart | None = None
    """A small picture of it."""
    link: Link | None = None
    run: RunName | None = None
    """The run that it is about."""
    finding: str | None = None
    """The id of the finding that it states, by which a reader's note is on it; None where it sums up several."""


@dataclass(frozen=True, eq=False, slots=True)
class OneOf:
    """Parts of which a page shows the one that is chosen; a written report has all of them, one after the other.

    It answers with the chosen option, None in a written report.
    """

    choice: Choice
    """What chooses among them; its options are the keys of `parts`."""
    parts: Mapping[str, Callable[[], Blocks]]
    """Builds each part, by its option."""
    beside: tuple[Child, ...] = ()
    """What stands at the left of the chosen part, below the control."""
    most_written: int | None = None
    """How many parts a written report has at most, the first ones."""


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """A part that answers its own controls: they don't rerun the rest of the page.

    Nothing in it may choose runs (`Chart.reader`, `Table.run_ids`), since that concerns the whole page. It answers
    with None.
    """

    build: Callable[[], Blocks]


@dataclass(frozen=True, slots=True)
class AppOnly:
    """Something that only the running app has. The app looks `name` up among what `lib/ui` registers.

    It answers with what that returns, and with None in a written report.
    """

    name: str
    why: str
    """Why no written report can have it."""


Control: TypeAlias = Choice | Several | Slider | NumberInput
Words: TypeAlias = Headline | Heading | Text | Note | Tip | Method | Warning | Items | Metric | Code
Leaf: TypeAlias = Words | WebAddress | RunName | Preset | Link | Chart | Table | Download
Block: TypeAlias = Leaf | Control | Row | Card | Tabs | Claim | OneOf | Part | AppOnly
Blocks: TypeAlias = Generator[Block, Any, Any]
Child: TypeAlias = Block | Callable[[], Blocks]
