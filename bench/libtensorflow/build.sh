#!/usr/bin/env bash
# Builds @tensorflow/tfjs-node on the libtensorflow inside a TensorFlow wheel from PyPI, for developers who have the two
# package registries but not the storage that tfjs-node downloads from. Linux x86-64. Writes to the output directory
# alone, and with --link one symbolic link into a project's node_modules.
set -euo pipefail

tfjs_version=4.22.0
tensorflow_version=2.15.1
tensorflow_package=tensorflow-cpu
output="${XDG_CACHE_HOME:-$HOME/.cache}/saccade/libtensorflow"
project=''

usage() {
  cat <<END
Usage: build.sh [options]
  --output DIR        where to build (default: $output)
  --link [PROJECT]    let a project import it, with the project's own copy of tfjs-core
                      (default: the project that this script belongs to)
  --tensorflow X.Y.Z  TensorFlow's version (default: $tensorflow_version)
  --package NAME      the wheel: tensorflow-cpu, or tensorflow for the CUDA build (default: $tensorflow_package)
  --help
Needs node, npm, g++, python3 with pip; 1.2 GB of disk. Run again to repair or to link another project.
END
}

while (($# > 0)); do
  case "$1" in
    --output) output="$2"; shift ;;
    --tensorflow) tensorflow_version="$2"; shift ;;
    --package) tensorflow_package="$2"; shift ;;
    --link)
      if [[ "${2:-}" != '' && "$2" != --* ]]; then
        project="$2"; shift
      else
        project="$(dirname "${BASH_SOURCE[0]}")/../.."
      fi
      project="$(cd "$project" && pwd)"
      ;;
    --help) usage; exit ;;
    *) echo "build.sh: unknown option $1" >&2; usage >&2; exit 2 ;;
  esac
  shift
done

mkdir -p "$output"
output="$(cd "$output" && pwd)"
modules="$output/node_modules"
package="$modules/@tensorflow/tfjs-node"
libraries="$output/$tensorflow_package-$tensorflow_version"
# Packages that must not exist twice: each copy of tfjs-core has an engine and a kernel registry of its own.
shared=(tfjs-core tfjs-layers tfjs-backend-cpu)

step() { echo "== $*"; }

# ---- tfjs-node without its install script ----------------------------------------------------------------------------
for name in "${shared[@]}"; do # links of an earlier --link: npm would write through them
  if [[ -L "$modules/@tensorflow/$name" ]]; then rm "$modules/@tensorflow/$name"; fi
done
step "npm: @tensorflow/tfjs-node $tfjs_version, and Node-API headers"
[[ -f "$output/package.json" ]] || echo '{ "private": true }' >"$output/package.json"
(cd "$output" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error \
  "@tensorflow/tfjs-node@$tfjs_version" node-api-headers@1.9.0)

# ---- libtensorflow and its C headers out of the wheel ----------------------------------------------------------------
if [[ ! -f "$libraries/complete" ]]; then
  step "pip: $tensorflow_package $tensorflow_version"
  rm -rf "$libraries" && mkdir -p "$libraries/wheel"
  # The wheel of one Python version serves: nothing of Python's is used.
  python3 -m pip download --quiet --no-deps --only-binary=:all: --dest "$libraries/wheel" \
    --python-version 3.11 --implementation cp --abi cp311 \
    --platform manylinux_2_27_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
    "$tensorflow_package==$tensorflow_version"
  python3 - "$libraries" <<'END'
import pathlib, sys, zipfile

target = pathlib.Path(sys.argv[1])
headers = ("tensorflow/include/tensorflow/c/", "tensorflow/include/tensorflow/core/platform/",
           "tensorflow/include/tsl/", "tensorflow/include/xla/tsl/", "tensorflow/include/external/local_xla/xla/tsl/")
for wheel in (target / "wheel").glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith("tensorflow/libtensorflow") or name.startswith(headers) and name.endswith(".h"):
                archive.extract(name, target)
END
  rm -rf "$libraries/wheel"
  touch "$libraries/complete"
fi

# ---- the addon -------------------------------------------------------------------------------------------------------
step 'g++: tfjs_binding.node'
include="$libraries/tensorflow/include"
rm -rf "$package/deps" "$package/lib"
mkdir -p "$package/deps" "$package/lib/napi-v8"
ln -s "$libraries/tensorflow" "$package/deps/lib"
g++ -O2 -std=c++17 -shared -fPIC -w -DNAPI_VERSION=8 \
  -I"$modules/node-api-headers/include" -I"$include" -I"$include/external/local_xla" \
  "$package"/binding/*.cc -o "$package/lib/napi-v8/tfjs_binding.node" \
  -L"$package/deps/lib" -l:libtensorflow_cc.so.2 -l:libtensorflow_framework.so.2 \
  -Wl,-rpath,'$ORIGIN/../../deps/lib' -Wl,--allow-shlib-undefined

# ---- one tfjs-core for both ------------------------------------------------------------------------------------------
if [[ "$project" != '' ]]; then
  step "link into $project"
  for name in "${shared[@]}"; do
    if [[ -d "$project/node_modules/@tensorflow/$name" ]]; then
      rm -rf "${modules:?}/@tensorflow/$name"
      ln -s "$project/node_modules/@tensorflow/$name" "$modules/@tensorflow/$name"
    fi
  done
  if [[ -d "$project/node_modules/@tensorflow/tfjs-node" && ! -L "$project/node_modules/@tensorflow/tfjs-node" ]]; then
    echo "build.sh: $project already has a tfjs-node of its own; remove node_modules/@tensorflow/tfjs-node first" >&2
    exit 1
  fi
  ln -sfn "$package" "$project/node_modules/@tensorflow/tfjs-node"
fi

step 'try it'
cd "${project:-$output}"
TF_CPP_MIN_LOG_LEVEL=2 node --input-type=module --eval "
  import util from 'node:util'
  util.isNullOrUndefined ??= (value) => value === null || value === undefined
  util.isArray ??= Array.isArray
  const core = await import('@tensorflow/tfjs-core')
  const tf = (await import('@tensorflow/tfjs-node')).default
  if (core.engine() !== tf.engine()) throw new Error('two copies of tfjs-core')
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
  const gradient = tf.grad((x) => tf.sum(tf.square(tf.matMul(x, x))))(x).arraySync()
  if (gradient.join() !== '158,274,266,482') throw new Error('wrong gradient: ' + gradient)
  const backend = tf.backend()
  console.log('backend ' + tf.getBackend() + ', libtensorflow ' + backend.binding.TF_Version + ', ' + (backend.isUsingGpuDevice ? 'GPU' : 'CPU'))
"
if [[ "$project" != '' ]]; then
  cat <<END
Linked: programs in $project can now import @tensorflow/tfjs-node, and --engine tensorflow works there.
To undo: rm $project/node_modules/@tensorflow/tfjs-node   (npm install and npm ci remove it too; link again after)
END
else
  cat <<END
Built: $package
To use it in this project: $0 --link
END
fi
echo 'Threads: TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1; quiet: TF_CPP_MIN_LOG_LEVEL=2'
