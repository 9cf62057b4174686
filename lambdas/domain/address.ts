/** The eight groups of an IPv6 address, written in full or with `::`. */
export const groupsOf = (address: string): number[] => {
  const [head = '', tail] = address.split('::');
  const read = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const left = read(head);
  const right = tail === undefined ? [] : read(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
};

/** Who sends from an address: of IPv6 a network (/64), in which each machine has as many addresses as it likes. */
export const senderOf = (address: string): string =>
  address.includes(':') ? groupsOf(address).slice(0, 4).join() : address;
