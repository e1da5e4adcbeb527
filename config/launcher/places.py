"""Where the launcher finds and puts things, and what kind of system this is."""

import os
import sys
from pathlib import Path

LAUNCHER = Path(__file__).resolve().parent
ROOT = LAUNCHER.parent.parent
DATA = Path(os.environ.get("LAMPA_DATA_DIR") or ROOT / "var").absolute()
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "config" / "requirements"
# Where things go that the database's own user must reach but cannot under a private checkout.
SYSTEM_DATA = Path("/var/lib/lampa")
LINUX = sys.platform.startswith("linux")
DEBIAN = Path("/etc/debian_version").exists()
