set -eu
export LC_ALL=C
umask 022
home=/usr/lib/novacron/${Installation}
if [ ! -e "$home/${UnitVersion}/VERSION" ]; then
  mkdir -p "$home"
  new=$(mktemp -d "$home/.new.XXXXXX")
  mkdir "$new/novacron_host" && chmod 755 "$new"
  printf %s '${UnitPackage}' | base64 -d | gzip -d | /usr/bin/python3 -I -c 'import json, sys; read = sys.stdin.buffer; files = json.loads(read.readline()); sys.exit([open(sys.argv[1] + "/" + name, "wb").write(read.read(size)) for name, size in files] != [size for _, size in files])' "$new"
  # a power cut must not leave files without their content under the name by which they count as installed
  find "$new" -type f -exec sync {} +
  mv -T "$new" "$home/${UnitVersion}" || rm -rf "$new"
fi
exec /usr/bin/python3 -I "$home/${UnitVersion}" ${Installation}
