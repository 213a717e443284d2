"""``python -m catalog_builder.preparing`` writes the prepared forms of registers, translations and templates, once at set-up."""

from __future__ import annotations

import shutil
import sys

from catalog_builder import prepared
from catalog_builder.files import on_disk_together, write_text
from catalog_builder.i18n import LANGUAGES
from catalog_builder.site.environment import environment


def prepare() -> int:
    """Write every form that there is, instead of those of earlier versions; 0 when done. They are on disk before they are to be found."""
    wanted = dict(prepared.forms())
    for language in LANGUAGES:
        wanted |= environment(language).forms()
    folder = prepared.folder()
    staged = folder.with_name(".prepared-new")
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    with on_disk_together():
        for name, text in wanted.items():
            write_text(staged / name, text)
    shutil.rmtree(folder, ignore_errors=True)
    staged.rename(folder)
    return 0


if __name__ == "__main__":
    sys.exit(prepare())
