# Set-up shared by the scripts; sourced, not run. Leaves a working environment in .venv and changes nothing outside the checkout
# except Debian packages that are missing, and it says so first.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

# The newest usable Python: 3.13 and 3.12 first (every pinned package has a wheel for them), also under pyenv; 3.11 is the oldest.
find_python() {
  local version candidate
  for version in 3.13 3.12 3.14 3.11; do
    for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python "/usr/local/bin/python$version" \
      "/opt/python/$version"*/bin/python python3; do
      if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c "import sys; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
        command -v "$candidate"
        return
      fi
    done
  done
  echo "catalog-builder needs Python 3.11 or newer; none was found." >&2
  return 1
}

apt_install() {
  local package missing=() sudo=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" -eq 0 ] || sudo=(sudo)
  if [ ${#sudo[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
    echo "These Debian packages are missing, and only root may install them: apt-get install ${missing[*]}" >&2
    return 1
  fi
  say "Installing Debian packages: ${missing[*]}"
  "${sudo[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# A program from whatever package has brought it, else from PACKAGE.
apt_program() {
  local program=$1 package=$2
  command -v "$program" >/dev/null 2>&1 || apt_install "$package"
}

# The environment is made anew when the interpreter, the pinned requirements or the project's metadata change.
make_environment() {
  local python stamp
  python=$(find_python)
  stamp=$({ "$python" --version && cat requirements-dev.txt pyproject.toml && pwd; } | sha256sum | cut -d' ' -f1)
  [ "$(cat .venv/stamp 2>/dev/null)" = "$stamp" ] && return
  say "Making the environment in .venv with $("$python" --version)"
  "$python" -c 'import ensurepip, venv' 2>/dev/null || apt_install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
  "$python" -m venv --clear .venv
  .venv/bin/python -m pip install --quiet --require-hashes -r requirements-dev.txt
  .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
  echo "$stamp" >.venv/stamp
}

# Fonts, basemap and map of the site, built anew with the environment and when what they are built from changes.
make_assets() {
  local stamp
  stamp=$(find scripts/assets scripts/assets-packages -type f -not -name '*.pyc' | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
  if [ -d catalog_builder/assets ] && [ "$(cat .venv/assets-stamp 2>/dev/null)" = "$stamp" ]; then
    .venv/bin/python -m catalog_builder.preparing
  else
    scripts/assets
    echo "$stamp" >.venv/assets-stamp
  fi
}
