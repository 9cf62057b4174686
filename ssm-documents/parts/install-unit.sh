set -eu
export LC_ALL=C
umask 022
home=/usr/lib/novacron/${Installation}
if [ ! -e "$home/${UnitVersion}/VERSION" ]; then
  mkdir -p "$home"
  new=$(mktemp -d "$home/.new.XXXXXX")
  printf %s '${UnitPackage}' | base64 -d | tar -xzf - -C "$new"
  chmod 755 "$new"
  # a power cut must not leave files without their content under the name by which they count as installed
  find "$new" -type f -exec sync {} +
  mv -T "$new" "$home/${UnitVersion}" || rm -rf "$new"
fi
exec /usr/bin/python3 -I "$home/${UnitVersion}" ${Installation}
