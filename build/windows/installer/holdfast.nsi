; The installer for Windows: for one person, without administrator rights. build/package.sh calls it with
; makensis -DVERSION=1.2.3 -DPROGRAM=holdfast.exe -DCONSOLE=holdfast-console.exe -DOUTPUT=holdfast-setup.exe
Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma
RequestExecutionLevel user

!include "MUI2.nsh"
!include "FileFunc.nsh"

!define NAME "Holdfast"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
; The key under which Microsoft's WebView2 runtime reports its version.
!define WEBVIEW "Software\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Name "${NAME}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"

VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "FileDescription" "${NAME} installer"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "LegalCopyright" "${NAME}"

!define MUI_ICON "..\icon.ico"
!define MUI_UNICON "..\icon.ico"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\holdfast.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Section "Holdfast"
	SetOutPath "$INSTDIR"
	File /oname=holdfast.exe "${PROGRAM}"
	; A Windows program has either a window or a console: the commands need the second.
	File /oname=holdfast-console.exe "${CONSOLE}"
	CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\holdfast.exe"
	WriteUninstaller "$INSTDIR\uninstall.exe"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
	WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\holdfast.exe"
	WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
	WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
	WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
	${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
	WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" "$0"
	WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
	WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
	Call TellAboutWebView
SectionEnd

; The window needs WebView2. Without it everything else works, so this only tells: a computer without a network cannot
; download it, and an installer that tries would fail there.
Function TellAboutWebView
	SetRegView 32
	ReadRegStr $0 HKLM "${WEBVIEW}" "pv"
	SetRegView default
	StrCmp $0 "" 0 done
	ReadRegStr $0 HKCU "${WEBVIEW}" "pv"
	StrCmp $0 "" 0 done
	MessageBox MB_OK|MB_ICONINFORMATION "Holdfast shows its window with Microsoft WebView2, which is not on this computer. Install it from the standalone installer of Microsoft, or run $\"holdfast-console serve$\" and use a browser." /SD IDOK
	done:
FunctionEnd

; What people wrote lies in the data folder, which uninstalling leaves alone.
Section "Uninstall"
	Delete "$SMPROGRAMS\${NAME}.lnk"
	Delete "$INSTDIR\holdfast.exe"
	Delete "$INSTDIR\holdfast-console.exe"
	Delete "$INSTDIR\uninstall.exe"
	RMDir "$INSTDIR"
	DeleteRegKey HKCU "${UNINSTALL}"
SectionEnd
