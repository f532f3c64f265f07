#!/usr/bin/env bash
# Makes what people install, in build/bin. ./build/package.sh [windows] [linux]; without arguments, both.
#   windows   holdfast.exe with its window and holdfast-console.exe for the command line, cross-compiled; and, where
#             makensis is, an installer for both
#   linux     a Debian package and a .tar.gz with the window; the static program beside them
# On macOS, Wails' own command line makes the bundle: wails build -skipbindings -tags desktop
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/machine.sh"
need_languages
stamp=$(version)
version=${stamp%+*}
arch=$(go env GOARCH)

package_windows() {
  interface_build
  go -C build/tools build -o "$bin/go-winres" github.com/tc-hib/go-winres
  # The resources stand beside main.go while it is compiled, because that is where Go looks for them.
  trap 'rm -f "$top"/rsrc_windows_*.syso' EXIT
  "$bin/go-winres" make --in build/windows/winres.json --out "$top/rsrc" --arch amd64 \
    --file-version "$version.0" --product-version "$version.0"
  CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -trimpath -tags desktop,production -ldflags "-s -w -H windowsgui -X main.version=$stamp" -o "$bin/holdfast.exe" .
  CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -trimpath -ldflags "-s -w -X main.version=$stamp" -o "$bin/holdfast-console.exe" .
  rm -f "$top"/rsrc_windows_*.syso
  say "$bin/holdfast.exe, $bin/holdfast-console.exe"
  if has makensis; then
    makensis -V2 -DVERSION="$version" -DPROGRAM="$bin/holdfast.exe" -DCONSOLE="$bin/holdfast-console.exe" -DOUTPUT="$bin/holdfast-$version-setup.exe" build/windows/installer/holdfast.nsi >&2
    say "$bin/holdfast-$version-setup.exe"
  else
    say "No installer: makensis is missing (Debian package nsis)."
  fi
}

package_linux() {
  need_packages compile window
  program_static -trimpath
  program_desktop -trimpath
  local tree
  tree=$(mktemp -d)
  trap 'rm -rf "$tree"' RETURN
  install -D -m 755 "$bin/holdfast-desktop" "$tree/usr/bin/holdfast"
  install -D -m 644 build/linux/holdfast.desktop "$tree/usr/share/applications/holdfast.desktop"
  install -D -m 644 build/linux/holdfast.svg "$tree/usr/share/icons/hicolor/scalable/apps/holdfast.svg"
  install -D -m 644 build/appicon.png "$tree/usr/share/icons/hicolor/512x512/apps/holdfast.png"
  tar -C "$tree/usr" --owner=0 --group=0 -czf "$bin/holdfast-$version-linux-$arch.tar.gz" .
  say "$bin/holdfast-$version-linux-$arch.tar.gz"
  if has dpkg-deb; then
    mkdir -p "$tree/DEBIAN"
    control >"$tree/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$tree" "$bin/holdfast_${version}_$arch.deb" >&2
  else
    say "No Debian package: dpkg-deb is missing."
  fi
}

control() {
  cat <<CONTROL
Package: holdfast
Version: $version
Architecture: $arch
Maintainer: Holdfast <holdfast@localhost>
Depends: libc6, libgtk-3-0t64 | libgtk-3-0, libwebkit2gtk-4.1-0
Section: net
Priority: optional
Description: IT service management that keeps working when the network does not
 Every desktop holds its own data, accepts every change at once, and shares it
 with whichever peer it can reach.
CONTROL
}

[ $# -gt 0 ] || set -- windows linux
for target in "$@"; do
  case $target in
    windows) package_windows ;;
    linux) package_linux ;;
    *) die "There is no package for “$target”. These are: windows linux" ;;
  esac
done
