#!/usr/bin/env bash
# What a release must pass: the wheel and the source distribution are built, twine judges them, and the
# wheel is installed and used outside of the clone.
#
#   bash tests/packaging/release.sh [VERSION...]    the Pythons; 3.11, 3.12 and 3.13 by default
#
# A Python that is not on this machine is named and left out.
set -euo pipefail
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PIP_QUIET=2 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
export PYTHONPATH=

# Print the path of a Python of this version: on PATH, or of pyenv.
find_python() {
  local candidate
  for candidate in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
    if "$candidate" -c "" 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

python=$(find_python 3.11 || find_python 3.12 || find_python 3.13)
"$python" -m venv "$scratch/tools"
"$scratch/tools/bin/pip" install build twine
# From a copy, for what an earlier build left behind would go into the wheel.
mkdir "$scratch/source"
git ls-files -z --cached --others --exclude-standard | xargs --null tar --create |
  tar --extract --directory "$scratch/source"
"$scratch/tools/bin/python" -m build --outdir "$scratch/dist" "$scratch/source" >/dev/null
"$scratch/tools/bin/twine" check --strict "$scratch"/dist/*

cd "$scratch"
if (($# == 0)); then set -- 3.11 3.12 3.13; fi
for version; do
  if ! python=$(find_python "$version"); then
    printf '== Python %s: not on this machine, not run\n' "$version"
    continue
  fi
  started=$SECONDS
  "$python" -m venv "$version"
  "$version/bin/pip" install dist/*.whl
  "$version/bin/anatomy-tf" doctor | tail -n 1
  sample=$("$version/bin/python" -c "
import pathlib, anatomy_tf_datasets
print(pathlib.Path(anatomy_tf_datasets.__file__).parent / 'samples/balancing/keypoints.npz')")
  "$version/bin/anatomy-tf" lift "$sample" --output "poses_$version.npz" | tail -n 1
  printf '== Python %s: installed and used in %d s, %s\n' \
    "$version" $((SECONDS - started)) "$(du --summarize --human-readable "$version" | cut --fields=1)"
done
