"""What must not lie on a folder of the network: the files whose locks hold on one machine only."""

import re
from pathlib import Path

from portal.core.config import Settings

SHARED = frozenset(
    {
        "afs", "beegfs", "ceph", "cifs", "glusterfs", "gfs2", "lustre", "ncpfs", "nfs", "nfs4",
        "ocfs2", "smb3", "smbfs", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs",
        "fuse.sshfs",
    }
)  # fmt: skip
MOUNTED = Path("/proc/self/mountinfo")  # not there on systems that are no Linux: nothing is known


def fault(settings: Settings, mounted: str | None = None) -> str | None:
    """What of this portal lies where it should not, and the setting that moves it."""
    if mounted is None:
        mounted = MOUNTED.read_text() if MOUNTED.exists() else ""
    found = []
    on_sqlite = settings.database_url.startswith("sqlite")
    if kind := network_kind(settings.data, mounted):
        if on_sqlite:
            found.append(
                f"PORTAL_DATA is a network folder ({kind}), where SQLite's locks do not hold: "
                "set DATABASE_URL to PostgreSQL"
            )
        if settings.search_engine == "whoosh":
            found.append(
                f"the search index lies on a network folder ({kind}): with several machines "
                "set SEARCH_ENGINE=postgres"
            )
    if kind := network_kind(settings.jobs_file.parent, mounted):
        found.append(
            f"{settings.jobs_file.name} lies on a network folder ({kind}): set JOBS_URL on each "
            "machine to a file of its own, like sqlite:////run/portal/huey.db"
        )
    return "; ".join(found) or None


def network_kind(folder: Path, mounted: str) -> str | None:
    """`nfs4` and the like when the folder is shared by machines; `mounted` as Linux tells it."""
    path, best, kind = folder.resolve(), Path(), ""
    for line in mounted.splitlines():
        before, _, after = line.partition(" - ")
        point = Path(
            re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), before.split()[4])
        )
        if path.is_relative_to(point) and len(point.parts) >= len(best.parts):
            best, kind = point, after.split()[0]
    return kind if kind in SHARED else None
