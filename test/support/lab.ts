import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LOCAL = resolve(import.meta.dirname, '../../local');

/** One separate libvirt host of local/hosts.sh, with an SSM agent once it is registered. Needs root. */
export interface Lab {
  /** Runs virsh on the host, and answers its stdout. */
  readonly virsh: (...args: string[]) => Promise<string>;
  /** Registers the agent by an activation and sets it to work; answers the node id. */
  readonly register: (activation: { id: string; code: string }) => Promise<string>;
  /** Writes a file of the host, and the directories above it. */
  readonly write: (path: string, data: string | Buffer) => Promise<void>;
  /** Lets the agent lie or lose (local/ssm-agent/faults.py). */
  readonly distort: (faults: object) => void;
  readonly close: () => Promise<void>;
}

/** Brings a host up in which 127.0.0.1:<port> are ports of this machine. `net`: three octets no other lab uses. */
export const startLab = async (net: string, ports: readonly number[], endpoint: string): Promise<Lab> => {
  const directory = mkdtempSync(join(tmpdir(), 'novacron-lab-'));
  const state = join(directory, 'agent');
  const env = {
    ...process.env,
    NOVACRON_LAB: directory,
    NOVACRON_LAB_NET: net,
    NOVACRON_FORWARD: ports.join(' '),
  };
  const hosts = async (...args: string[]): Promise<string> =>
    (await run('bash', [join(LOCAL, 'hosts.sh'), ...args], { env, maxBuffer: 10_000_000 })).stdout.trim();
  const agent = (...args: string[]) => ['exec', '1', 'python3', join(LOCAL, 'ssm-agent/agent.py'), ...args];
  let working: ChildProcess | undefined;

  await hosts('up', '1');
  const uri = await hosts('uri', '1');
  return {
    virsh: async (...args) => (await run('virsh', ['-q', '-c', uri, ...args])).stdout.trim(),
    register: async ({ id, code }) => {
      const by = ['--endpoint', endpoint, '--activation-id', id, '--activation-code', code, '--state', state];
      const { nodeId } = JSON.parse(await hosts(...agent('register', ...by)));
      working = spawn('bash', [join(LOCAL, 'hosts.sh'), ...agent('run', '--state', state)], { env, stdio: 'ignore' });
      return nodeId;
    },
    write: async (path, data) => {
      const script = 'mkdir -p "$(dirname "$0")" && cat > "$0"';
      const writing = run('bash', [join(LOCAL, 'hosts.sh'), 'exec', '1', 'sh', '-c', script, path], { env });
      writing.child.stdin?.end(data);
      await writing;
    },
    distort: (faults) => writeFileSync(join(state, 'faults.json'), JSON.stringify(faults)),
    close: async () => {
      working?.kill();
      await hosts('down');
      rmSync(directory, { recursive: true, force: true });
    },
  };
};
