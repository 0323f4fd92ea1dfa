; The Windows installer: `greet-setup.exe /S` installs without a question.
Unicode true
SetCompressor lzma
SetDateSave off
Name "Greet"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\Greet"
RequestExecutionLevel admin
VIProductVersion "${NUMBERS}.0"
VIAddVersionKey "ProductName" "Greet"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "CompanyName" "Acme"
VIAddVersionKey "FileDescription" "Greet says hello, in more than one language"
VIAddVersionKey "LegalCopyright" "Acme, Apache-2.0"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Greet"

Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section
  SetOutPath "$INSTDIR"
  File "${STAGE}/greet.cmd"
  File "${STAGE}/greet.ps1"
  File "${STAGE}/LICENSE.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayName" "Greet"
  WriteRegStr HKLM "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${UNINSTALL}" "Publisher" "Acme"
  WriteRegStr HKLM "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
SectionEnd

Section "Uninstall"
  Delete "$INSTDIR\greet.cmd"
  Delete "$INSTDIR\greet.ps1"
  Delete "$INSTDIR\LICENSE.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKLM "${UNINSTALL}"
SectionEnd
