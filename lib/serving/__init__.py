"""What the server reads for all its visitors, and keeps: files in processes of their own, W&B one reading at a time."""
