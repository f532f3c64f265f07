#!/usr/bin/env bash
# Builds Holdfast and starts it: the desktop window, or, where there is no display, the same interface in a browser.
# Arguments go to the program: ./build/run.sh --data DIR, ./build/run.sh status --json, …
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
here=${OLDPWD:-$top}

need_languages

# wants_window ARGUMENTS: no command is named, so the window is meant.
wants_window() { [ $# -eq 0 ] || [[ $1 == -* ]]; }
asks_help() { case " $* " in *" --help "* | *" -h "*) return 0 ;; esac; return 1; }

if wants_window "$@" && ! asks_help "$@" && has_display; then
  ! on_linux || need_packages compile window
  say "Building the desktop…"
  program_desktop >&2
  cd "$here" && exec "$bin/holdfast-desktop" "$@"
fi

say "Building…"
program_static >&2
cd "$here"
if wants_window "$@" && ! asks_help "$@"; then
  say "There is no display here, so the interface is served for a browser. End it with Ctrl+C."
  exec "$bin/holdfast" serve "$@"
fi
exec "$bin/holdfast" "$@"
