import { parseArgs } from 'node:util';
import { StartFault } from './processes.ts';

export interface StartOptions {
  readonly port: number | undefined;
  /** Namespaced libvirt hosts beside or instead of the machine's own; 0 = the machine's own only. */
  readonly hosts: number;
  readonly attach: boolean;
  /** Settings of the stacks beside the local ones, as behind cdk's `-c`; kept for later starts. */
  readonly context: Readonly<Record<string, string>>;
  readonly help: boolean;
}

export const USAGE = `npm start -- [--port N] [--hosts N] [--context KEY=VALUE]… [--attach]
  --port N     port of the embedded AWS (default 4566, or $NOVACRON_PORT); two planes need two ports and two $NOVACRON_HOME
  --hosts N    N separate libvirt hosts on this machine instead of its own libvirt (needs root)
  --context KEY=VALUE   a setting of the stacks (lib/config.ts lists them); kept for later starts
  --attach     stay with the logs until Ctrl-C, which leaves the plane running`;

const numberOf = (flag: string, text: string | undefined, least: number, most: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new StartFault(`${flag} takes a whole number from ${least} to ${most}, not "${text}".\n${USAGE}`);
};

const settingOf = (text: string): [string, string] => {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new StartFault(`--context takes key=value, not "${text}".\n${USAGE}`);
};

/** @throws StartFault with the usage for anything it does not know */
export const readOptions = (args: string[]): StartOptions => {
  const { values } = parse(args);
  return {
    port: numberOf('--port', values.port ?? process.env.NOVACRON_PORT, 1024, 65_535),
    hosts: numberOf('--hosts', values.hosts, 0, 20) ?? 0,
    attach: values.attach ?? false,
    context: Object.fromEntries((values.context ?? []).map(settingOf)),
    help: values.help ?? false,
  };
};

const parse = (args: string[]) => {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: 'string' },
        hosts: { type: 'string' },
        context: { type: 'string', multiple: true },
        attach: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new StartFault(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
};
