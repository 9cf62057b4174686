export LC_ALL=C
unit=/usr/lib/novacron/${Installation}/current
if [ ! -e "$unit/VERSION" ]; then
  said='{"ok":false,"fault":"HostUnitOutdated","detail":"The host unit is not installed: enrol the host again."}'
  printf 'NOVACRON1 %s %s %s\n' "${#said}" "$(printf %s "$said" | sha256sum | cut -c1-64)" "$said"
  exit 13
fi
