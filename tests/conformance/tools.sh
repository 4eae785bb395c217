# Sourced by the scripts beside it. Installs what package-lock.json pins into target/conformance and sets
#   $target  cargo's target folder
#   $tools   the folder of installed packages
#   $node    a Node.js that is new enough
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
tools=$target/conformance/node_modules

install_tools() {
  mkdir -p "$target/conformance"
  for file in package.json package-lock.json; do
    cmp -s "$root/tests/conformance/$file" "$target/conformance/$file" || {
      rm -rf "$tools"
      cp "$root/tests/conformance/$file" "$target/conformance/$file"
    }
  done
  # No package of the tree may run a script while it is installed.
  [ -d "$tools/@modelcontextprotocol" ] ||
    (cd "$target/conformance" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
}

find_node() {
  local candidate
  for candidate in "$tools"/node-*/bin/node "$(command -v node || true)"; do
    if [ -x "$candidate" ] && "$candidate" -e '
      const [major, minor] = process.versions.node.split(".").map(Number);
      process.exit(major > 22 || (major === 22 && minor >= 19) ? 0 : 1)'; then
      echo "$candidate"
      return
    fi
  done
  echo "error: Node.js 22.19 or newer is needed, and no package for this platform is pinned" >&2
  return 1
}

install_tools
node=$(find_node)
export NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
