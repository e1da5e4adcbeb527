"""Started by path, as `python -P config/launcher`, on a Python that has no packages yet.

The launcher is loaded as a package of its own: as a part of `config` it would load Celery first.
"""

import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

here = Path(__file__).resolve().parent
spec = spec_from_file_location(
    "launcher", here / "__init__.py", submodule_search_locations=[str(here)]
)
assert spec
sys.modules["launcher"] = module_from_spec(spec)
sys.path.remove(str(Path(__file__).parent))
sys.exit(import_module("launcher.commands").start(sys.argv[1:]))
