# shellcheck shell=bash
# What a machine needs, and how the parts are built. The scripts beside this one source it; it does nothing by itself.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$top/build/bin
out=$top/build/out
cd "$top" || exit 1

# Version control stamps need a git that trusts the folder, which a container's often does not.
export GOFLAGS="${GOFLAGS:+$GOFLAGS }-buildvcs=false"

on_linux() { [ "$(uname -s)" = Linux ]; }
desktop_tags=desktop,production
on_linux && desktop_tags=$desktop_tags,webkit2_41

# has_display: whether a window can open. Other systems always have one.
has_display() { ! on_linux || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; }

say() { printf '%s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# has COMMAND: whether the machine knows the command.
has() { command -v "$1" >/dev/null 2>&1; }

# need_languages: Go and Node, which no script installs, because their versions matter.
need_languages() {
  has go || die "Go is missing. Install Go 1.26 or newer: https://go.dev/doc/install"
  has node && has npm || die "Node is missing. Install Node 20.19 or newer with npm: https://nodejs.org"
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    die "Node $(node --version) is too old. Install Node 20.19 or newer: https://nodejs.org"
}

# missing_for WHAT…: Debian's packages that are not there, for: compile, window, look, browse, hosts.
missing_for() {
  local what
  for what in "$@"; do
    case $what in
      compile)
        has gcc || echo gcc
        [ -e /usr/include/stdio.h ] || echo libc6-dev
        ;;
      window)
        has pkg-config || echo pkg-config
        pkg-config --exists gtk+-3.0 2>/dev/null || echo libgtk-3-dev
        pkg-config --exists webkit2gtk-4.1 2>/dev/null || echo libwebkit2gtk-4.1-dev
        ;;
      look)
        has Xvfb || echo xvfb
        has import || echo imagemagick
        [ -n "$(fc-list 2>/dev/null)" ] || echo fontconfig fonts-dejavu-core
        ;;
      hosts)
        on_linux || continue
        has ip && has tc || echo iproute2
        has unshare && has nsenter && has setpriv || echo util-linux
        ;;
      browse)
        chromium_path >/dev/null || echo chromium
        [ -n "$(fc-list 2>/dev/null)" ] || echo fontconfig fonts-dejavu-core
        ;;
    esac
  done | tr ' ' '\n' | sort -u
}

# need_packages WHAT…: installs what missing_for names, or says how.
need_packages() {
  local packages sudo=
  mapfile -t packages < <(missing_for "$@")
  [ "${#packages[@]}" -eq 0 ] && return 0
  local command="apt-get install -y --no-install-recommends ${packages[*]}"
  has apt-get || die "Missing: ${packages[*]} (names of Debian's packages). Install them with this system's package manager and start again."
  if [ "$(id -u)" -ne 0 ]; then
    has sudo && sudo -n true 2>/dev/null || die "Missing: ${packages[*]}. Install them and start again:
  sudo $command"
    sudo=sudo
  fi
  say "Installing from Debian: ${packages[*]}"
  export DEBIAN_FRONTEND=noninteractive
  $sudo apt-get update -qq >&2 && $sudo $command -qq >&2 || die "Installing failed. Install these yourself and start again: ${packages[*]}"
  mapfile -t packages < <(missing_for "$@")
  [ "${#packages[@]}" -eq 0 ] || die "Still missing after installing: ${packages[*]}"
}

# chromium_path: the browser that the journeys drive.
chromium_path() {
  local name
  for name in "${HOLDFAST_CHROMIUM:-}" chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" && return 0
  done
  return 1
}

# interface_modules: npm's packages, exactly as locked; nothing to do when they are.
interface_modules() {
  local lock stamp=frontend/node_modules/.holdfast-lock
  lock=$(sha256sum <frontend/package-lock.json) || return 1
  [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$lock" ] && return 0
  (cd frontend && npm ci --no-audit --no-fund) || return 1
  printf '%s\n' "$lock" >"$stamp"
}

# interface_build: frontend/dist, when a source is newer than it.
interface_build() {
  local page=frontend/dist/index.html
  interface_modules || return 1
  if [ -e "$page" ] && [ -z "$(find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -newer "$page" -print -quit)" ]; then
    return 0
  fi
  (cd frontend && npm run --silent build)
}

# version: what is built, as the program says it: the version in wails.json and the commit.
version() {
  local commit
  commit=$(git rev-parse --short HEAD 2>/dev/null) || commit=unknown
  printf '%s+%s' "$(node -p 'require("./wails.json").info.productVersion')" "$commit"
}

# program_static FLAGS…: the program without a window, with no C in it. Without flags it shares the build cache with the checks.
program_static() {
  interface_build && CGO_ENABLED=0 go build "$@" -ldflags "-X main.version=$(version)" -o "$bin/holdfast" .
}

# program_desktop FLAGS…: the program with its window.
program_desktop() {
  interface_build && CGO_ENABLED=1 go build "$@" -tags "$desktop_tags" -ldflags "-X main.version=$(version)" -o "$bin/holdfast-desktop" .
}
