#!/bin/sh
# Runs a command, and again when it ends: whoever stops the process that /run/comfyui/pid names restarts it. run-comfyui COMMAND...
PID_FILE="${COMFYUI_PID_FILE:-/run/comfyui/pid}"
trap 'trap - TERM INT; kill "$child" 2>/dev/null; wait "$child"; exit 0' TERM INT
while :; do
  "$@" &
  child=$!
  echo "$child" > "$PID_FILE"
  wait "$child"
  sleep 1
done
