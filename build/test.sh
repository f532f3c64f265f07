#!/usr/bin/env bash
# Runs every check of the project. ./build/test.sh STAGE… runs the named ones, --list names them all.
# Each stage's output is in build/out/logs; a failed one is shown. The last line counts.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"

# name, limit in minutes, what it shows
stages() {
  cat <<'TABLE'
format      2  every Go file is as gofmt writes it
shape       5  who imports whom, lengths, names (build/tools/importmap), and the tools' own tests
vet        10  go vet, without and with the window
cross      10  the static program compiles for Linux, Windows and macOS, and the window for Windows
lint       10  staticcheck
modules     6  npm ci
advisories  6  no library with a published vulnerability that the program reaches (says so where the lists cannot be reached)
types       4  the interface's types
eslint      4  the interface's lint rules
vitest      6  the interface's unit tests
interface   4  the interface builds
go         20  every Go test but the scenarios, with the race detector
scenarios  12  the scenarios on the real programs: nodes and desktops on loopback and on hosts of their own
desktop    10  the program with its window builds, and the window's own tests
window      3  the real window shows its first screen
journeys   15  a browser drives two desktops and a node
TABLE
  [ ! -d sync/sim ] || echo "simulation  8  many replicas under a seeded simulation: 200 seeds, and two faults that they must find"
}

stage_format() {
  local ugly
  ugly=$(go_files | xargs -0 gofmt -l) || return 1
  [ -z "$ugly" ] || { echo "not as gofmt writes them:"; echo "$ugly"; return 1; }
}
# Tracked and new files that are still there: a deleted one is listed until git is told.
go_files() {
  local file
  git ls-files -z --cached --others --exclude-standard -- '*.go' ':!testdata' | while IFS= read -r -d '' file; do
    [ ! -e "$file" ] || printf '%s\0' "$file"
  done
}

stage_shape() { go -C build/tools run ./importmap -root "$top" && go -C build/tools vet ./... && go -C build/tools test -count=1 ./...; }

stage_vet() { go vet ./... && go vet -tags "$desktop_tags" . ./app/...; }

stage_cross() {
  local target
  for target in linux/amd64 windows/amd64 darwin/arm64; do
    echo "static, $target"
    CGO_ENABLED=0 GOOS=${target%/*} GOARCH=${target#*/} go build -o /dev/null . || return 1
  done
  echo "window, windows/amd64"
  CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -tags desktop,production -o /dev/null .
}

stage_lint() {
  mkdir -p "$bin" && go -C build/tools build -o "$bin/staticcheck" honnef.co/go/tools/cmd/staticcheck &&
    "$bin/staticcheck" ./... && "$bin/staticcheck" -tags "$desktop_tags" ./app/desktop/... &&
    (cd build/tools && "$bin/staticcheck" ./...)
}

# Without a network there is nothing to compare with; that is said, and is no fault of the code.
stage_advisories() {
  mkdir -p "$bin" && go -C build/tools build -o "$bin/govulncheck" golang.org/x/vuln/cmd/govulncheck &&
    unless_unreachable "fetching vulnerabilities" "$bin/govulncheck" ./... &&
    unless_unreachable "audit endpoint returned an error" npm --prefix frontend audit --package-lock-only --audit-level=high
}
# unless_unreachable WORDS COMMAND…: fails as the command does, but not when it says by WORDS that it could not ask.
unless_unreachable() {
  local words=$1 said status
  shift
  said=$("$@" 2>&1)
  status=$?
  printf '%s\n' "$said"
  [ $status -eq 0 ] && return 0
  grep -qF "$words" <<<"$said" || return $status
  echo "the list of published vulnerabilities cannot be reached from here" | tee -a "${HOLDFAST_TEST_NOTES:-/dev/null}"
}

stage_modules() { interface_modules; }
npm_script() { interface_modules && (cd frontend && npm run --silent "$@"); }
stage_types() { npm_script types; }
stage_eslint() { npm_script lint; }
stage_vitest() { npm_script test; }
stage_interface() { interface_build && [ -s frontend/dist/index.html ]; }

# The scenarios promise times that hold for the program as it is shipped, alone on the machine.
stage_go() {
  local packages
  packages=$(go list ./...) && mapfile -t packages < <(grep -v '/app/scenario$' <<<"$packages") &&
    CGO_ENABLED=1 go test -race -count=1 -timeout 18m "${packages[@]}"
}
stage_scenarios() { go test -count=1 -timeout 10m ./app/scenario/...; }

# Its disks are simulated, and what a real one takes to sync would be most of its time.
stage_simulation() {
  local folder=/dev/shm
  [ -w "$folder" ] && (($(df -Pm "$folder" | awk 'NR == 2 { print $4 }') >= 4096)) || folder="${TMPDIR:-/tmp}"
  TMPDIR="$folder" go test -count=1 -timeout 6m ./sync/sim -seeds 200 -mutants 2
}

stage_desktop() { program_desktop && go test -count=1 -tags "$desktop_tags" ./app/desktop; }
stage_window() {
  program_desktop && mkdir -p "$out" && go -C build/tools build -o "$bin/screen" ./screen &&
    "$bin/screen" -program "$bin/holdfast-desktop" -expect "Start a new site" -expect "Join with an invite" -shot "$out/window.png"
}

# The journeys get the program to drive and the browser to drive it with.
stage_journeys() {
  program_static && cd frontend &&
    HOLDFAST_BINARY="$bin/holdfast" HOLDFAST_CHROMIUM="$(chromium_path)" HOLDFAST_OUT="$out/journeys" npm run --silent e2e
}

# needs STAGE: the Debian packages that it takes, in the words of machine.sh.
needs() {
  case $1 in
    vet | desktop | lint) echo compile window ;;
    window) echo compile window look ;;
    journeys) echo browse ;;
    go) echo compile ;;
    scenarios) echo hosts ;;
  esac
}

names() { stages | awk '{print $1}'; }

# marked: processes that carry a stage's mark. A stage leaves nothing running.
marked() { grep -lzsxF "HOLDFAST_TEST_STAGE=$1" /proc/[0-9]*/environ | grep -oE '[0-9]+'; }

# settle MARK LOG: waits for the stage's last processes, kills those that stay and says so.
settle() {
  local left
  for _ in $(seq 20); do
    left=$(marked "$1")
    [ -n "$left" ] || return 0
    sleep 0.25
  done
  { echo "left running by this stage:"; ps -o pid=,args= -p "$(echo "$left" | paste -sd,)"; } >>"$2"
  kill -KILL $left 2>/dev/null
  return 1
}

running= # the process group of the stage under way
mark=
stop_all() {
  trap - EXIT INT TERM
  [ -z "$running" ] || kill -KILL -- "-$running" 2>/dev/null
  [ -z "$mark" ] || kill -KILL $(marked "$mark") 2>/dev/null
}
trap stop_all EXIT
trap 'stop_all; exit 130' INT TERM

# run_stage NAME MINUTES: runs it in a process group of its own, within its time, and reports.
run_stage() {
  local name=$1 minutes=$2 log=$out/logs/$1.log notes=$out/logs/$1.notes began=$SECONDS status
  rm -f "$notes"
  mark=$$-$name-$RANDOM
  HOLDFAST_TEST_STAGE=$mark HOLDFAST_TEST_NOTES=$notes NO_COLOR=1 FORCE_COLOR=0 timeout --kill-after=10 "${minutes}m" "$top/build/test.sh" --inside "$name" >"$log" 2>&1 &
  running=$!
  wait "$running"
  status=$?
  kill -KILL -- "-$running" 2>/dev/null
  running=
  settle "$mark" "$log" || [ $status -ne 0 ] || status=1
  mark=
  if [ $status -eq 0 ]; then
    printf 'ok    %-11s %4d s\n' "$name" $((SECONDS - began))
    [ ! -e "$notes" ] || sed 's/^/      NOT CHECKED: /' "$notes"
    return 0
  fi
  printf 'FAIL  %-11s %4d s\n' "$name" $((SECONDS - began))
  [ $status -ne 124 ] && [ $status -ne 137 ] || echo "      it took more than $minutes minutes"
  tail -n 100 "$log" | sed -E 's/\x1b\[[0-9;]*m//g; s/^/      /'
  echo "      all of it: ${log#"$top"/}"
  return 1
}

main() {
  case ${1:-} in
    --list) stages; return 0 ;;
    --help | -h) sed -n '2,3s/^# //p' "$top/build/test.sh"; stages; return 0 ;;
    --inside) "stage_$2"; return ;;
  esac
  local chosen=("$@") name minutes wanted=() passed=0 failed=0 began=$SECONDS
  [ $# -gt 0 ] || mapfile -t chosen < <(names)
  for name in "${chosen[@]}"; do
    names | grep -qx -- "$name" || die "There is no stage “$name”. These are: $(names | paste -sd' ')"
    read -ra wanted <<<"${wanted[*]} $(needs "$name")"
  done
  need_languages
  need_packages "${wanted[@]}"
  mkdir -p "$out/logs"
  for name in "${chosen[@]}"; do
    minutes=$(stages | awk -v name="$name" '$1 == name {print $2}')
    if run_stage "$name" "$minutes"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
  done
  echo "took $(((SECONDS - began) / 60)) min $(((SECONDS - began) % 60)) s"
  echo "$passed passed, $failed failed"
  [ $failed -eq 0 ]
}

main "$@"
