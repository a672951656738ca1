"""Speed and memory beside real peers, as ratios within one run on equal results."""
