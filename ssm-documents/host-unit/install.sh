#!/bin/sh
# Makes this machine a node of AWS Systems Manager, so that NovaCron can enrol it as a host. It is fetched and run by the
# one line that novacron host enrol prints, and holds no secret itself:
#
#   curl ... | sudo sh -s -- --region REGION --activation-id ID --activation-code CODE [--proxy URL]
#
# The rest (checks, host unit) is done by the plane through the agent. Nothing but https to these need be open, outbound:
#   ssm, ssmmessages, ec2messages, s3 and amazon-ssm-REGION.s3, each .REGION.amazonaws.com, and NovaCron's own API.
# --agent FILE --agent-endpoint URL --agent-state DIR: uses this agent instead (the local plane's, which needs no AWS).
set -eu
export LC_ALL=C

region='' activation_id='' activation_code='' proxy='' agent='' agent_endpoint='' agent_state=/var/lib/novacron/agent
die() { printf 'novacron install: %s\n' "$1" >&2; exit 1; }
while [ $# -gt 0 ]; do
  [ $# -gt 1 ] || die "option $1 needs a value"
  case $1 in
    --region) region=$2;;
    --activation-id) activation_id=$2;;
    --activation-code) activation_code=$2;;
    --proxy) proxy=$2;;
    --agent) agent=$2;;
    --agent-endpoint) agent_endpoint=$2;;
    --agent-state) agent_state=$2;;
    *) die "unknown option $1";;
  esac
  shift 2
done
[ "$(id -u)" = 0 ] || die 'it must run as root'
if [ -z "$region" ] || [ -z "$activation_id" ] || [ -z "$activation_code" ]; then
  die 'give --region, --activation-id and --activation-code'
fi

# What enrolment will look for; asked for now, while a person is at the terminal.
missing=''
[ -x /usr/bin/python3 ] || missing="$missing python3"
/usr/bin/python3 -c 'import libvirt' 2>/dev/null || missing="$missing python3-libvirt"
command -v libvirtd >/dev/null || [ -e /usr/sbin/libvirtd ] || [ -e /usr/sbin/virtqemud ] || missing="$missing libvirt-daemon-system qemu-system-x86"
[ -x /usr/bin/qemu-img ] || missing="$missing qemu-utils"
if [ "$missing" ]; then
  command -v apt-get >/dev/null || die "install these first (Debian's names):$missing"
  echo "novacron install: installing$missing"
  # shellcheck disable=SC2086  # several packages
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing; } >/dev/null ||
    die "apt-get could not install$missing"
fi

local_agent() {
  mkdir -p "$agent_state"
  # the pid of an agent that runs already stands beside its start time, by which a later process is told from it
  if read -r pid start <"$agent_state/agent.pid" 2>/dev/null &&
    [ "$(sed 's/.*) //' "/proc/$pid/stat" 2>/dev/null | cut -d' ' -f20)" = "$start" ]; then kill "$pid"; fi
  /usr/bin/python3 "$agent" register --endpoint "$agent_endpoint" --activation-id "$activation_id" \
    --activation-code "$activation_code" --region "$region" --state "$agent_state" >/dev/null || die 'the agent could not register'
  setsid /usr/bin/python3 "$agent" run --state "$agent_state" </dev/null >>"$agent_state/agent.log" 2>&1 &
  echo "$! $(sed 's/.*) //' "/proc/$!/stat" | cut -d' ' -f20)" >"$agent_state/agent.pid"
}

# AWS's own installer: it checks the agent's signature, installs it, registers it and starts it.
aws_agent() {
  case $(uname -m) in x86_64) platform=_amd64;; aarch64) platform=_arm64;; *) die "no SSM agent for $(uname -m)";; esac
  if [ -e /etc/debian_version ]; then platform=debian$platform; else platform=linux$platform; fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if [ "$proxy" ]; then
    export https_proxy="$proxy" no_proxy=169.254.169.254
    mkdir -p /etc/systemd/system/amazon-ssm-agent.service.d
    # it may hold a password: for root alone; and systemd reads % as its own
    said=$(printf %s "$proxy" | sed 's/%/%%/g')
    (umask 077 && printf '[Service]\nEnvironment=https_proxy=%s http_proxy=%s no_proxy=169.254.169.254\n' "$said" "$said" \
      >/etc/systemd/system/amazon-ssm-agent.service.d/proxy.conf)
  fi
  curl -fsSL -o "$work/ssm-setup-cli" "https://amazon-ssm-$region.s3.$region.amazonaws.com/latest/$platform/ssm-setup-cli" ||
    die "amazon-ssm-$region.s3.$region.amazonaws.com cannot be reached: open port 443 to it, or give --proxy"
  chmod 700 "$work/ssm-setup-cli"
  "$work/ssm-setup-cli" -register -activation-id "$activation_id" -activation-code "$activation_code" -region "$region"
}

if [ "$agent" ]; then local_agent; else aws_agent; fi
echo 'novacron install: registered. The plane now checks this host; see: novacron host list'
