set -- -I "$unit"
if [ -e "$unit/ask.py" ]; then set -- -I -S "$unit/ask.py"; fi
exec /usr/bin/python3 "$@" ${Installation}
