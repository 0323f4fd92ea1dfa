@echo off
powershell -NoProfile -ExecutionPolicy Bypass -File "%~dp0greet.ps1" %*
