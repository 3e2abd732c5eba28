"""Which settings matter for what; whoever must tell them apart takes them from here."""

OF_THE_MACHINE = frozenset(
    {"artifacts", "cache", "cache_gb", "ffmpeg", "ledger", "offline", "sandbox", "workers"}
)
"""A matter of the machine that works: who sends a film there does not decide it, and whoever runs it there may."""

CHANGES_NO_FILM = OF_THE_MACHINE | {
    *("yes", "max_cost", "purse", "lane"),
    *("poll_s", "quiet_s", "retry_s", "order_deadline_s"),
    "work",
}
"""They decide how a film is come by, or are no reason to make one anew: a finished film stands."""

MEANT_AS_SET = frozenset({"order_deadline_s"})
"""To set one as it is by default is not the same as to leave it alone."""
