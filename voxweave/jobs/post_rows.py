"""How a request that left lies in the book of limits, be it a file or a database."""

from collections.abc import Sequence

from voxweave.jobs.books import Link, Row
from voxweave.jobs.clock import Moment

VERSION = 2
"""The second has purses."""

_COLUMNS = """
    post TEXT PRIMARY KEY, provider TEXT NOT NULL, account TEXT NOT NULL, film TEXT NOT NULL, key TEXT NOT NULL,
    remote_id TEXT NOT NULL DEFAULT '', price BIGINT, paid BIGINT, ended DOUBLE PRECISION,
    wall DOUBLE PRECISION NOT NULL, mono DOUBLE PRECISION NOT NULL, boot TEXT NOT NULL,
    seen_wall DOUBLE PRECISION NOT NULL, seen_mono DOUBLE PRECISION NOT NULL, seen_boot TEXT NOT NULL"""
_PURSE = "purse TEXT NOT NULL DEFAULT ''"
_INDEXES = """
CREATE INDEX IF NOT EXISTS posts_of ON posts (provider, account);
CREATE INDEX IF NOT EXISTS posts_named ON posts (provider, account, remote_id);
CREATE INDEX IF NOT EXISTS posts_in ON posts (purse)"""
SCHEMA = (
    f"CREATE TABLE IF NOT EXISTS posts ({_COLUMNS})",
    f"ALTER TABLE posts ADD COLUMN {_PURSE}; {_INDEXES}",
)
"""What each version added, for files of any earlier one."""

PG_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS posts ({_COLUMNS}, {_PURSE}, rowid BIGINT GENERATED ALWAYS AS IDENTITY);
{_INDEXES};
CREATE INDEX IF NOT EXISTS posts_open ON posts (provider, account) WHERE ended IS NULL;
CREATE INDEX IF NOT EXISTS posts_new ON posts (provider, account, rowid);
CREATE INDEX IF NOT EXISTS posts_for ON posts (film)
"""

OTHERS = """
SELECT 1 FROM posts AS mine JOIN posts AS other USING (provider, account)
WHERE mine.post=? AND other.post<>mine.post AND other.remote_id=?
"""

BOUND = """
SELECT CAST(COALESCE(SUM(COALESCE(paid, price, 0)), 0) AS BIGINT) AS bound FROM posts WHERE purse=? AND purse<>''
"""


def live_posts(link: Link, provider: str, account: str) -> Sequence[Row]:
    """An account's posts whose orders were not seen to end, the oldest first."""
    question = "SELECT * FROM posts WHERE ended IS NULL AND provider=? AND account=? ORDER BY rowid"
    found: Sequence[Row] = link.execute(question, (provider, account)).fetchall()
    return found


def moment_of(row: Row, which: str = "") -> Moment:
    """When a post left, or with `seen_` was last looked at."""
    return Moment(wall=row[f"{which}wall"], mono=row[f"{which}mono"], boot=row[f"{which}boot"])
