#!/bin/sh
# shellcheck disable=SC2154  # udhcpc gives interface, ip, mask, router, dns in the environment
case $1 in
  deconfig) ip addr flush dev "$interface" scope global;;
  bound|renew)
    ip addr flush dev "$interface" scope global; ip addr add "$ip/${mask:-24}" dev "$interface"
    [ -n "$router" ] && ip route replace default via "${router%% *}"
    : >/etc/resolv.conf; for server in $dns; do echo "nameserver $server" >>/etc/resolv.conf; done
    echo "NOVACRON-GUEST IP $interface $ip" >/dev/ttyS0;;
esac
