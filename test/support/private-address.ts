import { run } from './run.ts';

const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];

const ip = async (...args: string[]): Promise<void> => {
  const [program = 'ip', ...rest] = [...asRoot, 'ip', ...args];
  const { code, stderr } = await run(program, rest);
  if (code !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
};

/** A private address of this machine for a test: receivers at loopback addresses are refused, whoever allows them. */
export const withAddress = (address: string) => ({
  add: () => ip('addr', 'replace', `${address}/32`, 'dev', 'lo'),
  remove: () => ip('addr', 'del', `${address}/32`, 'dev', 'lo'),
});
