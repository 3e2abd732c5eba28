"""What may go wrong at a provider, and how one clip's run must end: exit status, orders made, the ledger's state."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A scenario and its one right end."""

    scenario: str
    status: int
    orders: int
    states: tuple[str, ...]


_DELIVERED = (0, 1, ("fetched",))
"""Waited out, looked up or fetched again: one order, and its clip."""
_REFUSED = (6, 0, ("refused",))
"""The request itself will not do: asked once, nothing made."""
_KEY = (5, 0, ("planned",))
"""Nothing was accepted; with another key the same command goes on."""
_LATER = (5, 1, ("running",))
"""Still at work, as far as anybody knows: the next run collects it."""
_UNSEEN = (5, 1, ("accepted",))
"""Accepted, and never once seen."""
_FAILED = (5, 1, ("failed",))
_LOST = (5, 1, ("lost",))
"""Paid for and not to be had: told, and not ordered again by itself."""

_ENDS: dict[tuple[int, int, tuple[str, ...]], str] = {
    _DELIVERED: """
create_429_seconds create_429_date create_429_ms create_503_retry_after create_429_none create_429_garbage
create_500_after_job create_502_after_job create_409_after_job create_hang_after_job create_hang_mid_body
create_reset_after_job create_close_after_job create_cut_after_job create_bad_json create_empty create_array
create_missing_id create_null_id create_html create_slow create_bad_id create_long_id create_nulls create_types
create_extra create_completed create_huge_json create_gzip_bomb create_500 create_reset create_close create_hang
poll_429 poll_500_burst poll_hang poll_reset poll_html poll_bad_json poll_empty poll_gzip_bomb vanish_once
status_backwards status_flap unknown_status progress_150 progress_negative progress_null progress_text
progress_nan expires_past content_truncated content_chunk_cut content_truncated_nolen
content_truncated_wronglen content_truncated_playable content_html content_html_as_mp4 content_json_error
content_empty content_204 content_png content_playlist content_audio_only content_silent content_other_fps
content_other_size content_short content_hang content_stall content_slowloris content_403_expired_once
content_404_early content_429 content_500_burst content_range_changes content_range_ignored
content_redirect_ok
""",
    _REFUSED: "create_429_quota create_400 create_404 create_410 create_echo_key create_redirect_canary",
    _KEY: "create_429_huge create_429_forever create_401 create_403",
    _UNSEEN: "poll_500_forever",
    _LATER: "never_ends stuck_queued unknown_forever poll_401_midway id_changes",
    _FAILED: "fails fails_null fails_ansi cancelled failed_then_ok",
    _LOST: """
vanishes content_endless content_huge_len content_gzip_bomb content_403_expired content_410
content_redirect_internal content_redirect_localhost content_redirect_zero content_redirect_decimal
content_redirect_mapped content_redirect_metadata content_redirect_file content_redirect_loop
url_internal url_metadata url_file url_data url_ftp url_crlf url_relative url_null url_missing url_userinfo
url_cdn_port
""",
}
ROWS = tuple(Row(name, *end) for end, names in _ENDS.items() for name in names.split())
