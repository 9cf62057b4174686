import { existsSync } from 'node:fs';
import { inHome, loadPlane, savePlane } from './home.ts';
import { hostProcesses, stopLibvirt } from './libvirt-hosts.ts';
import { end, isAlive, log, StartFault } from './processes.ts';

/** Ends exactly what `npm start` started; state, images and VMs of the machine's own libvirt stay. */
const stop = async (): Promise<void> => {
  const plane = loadPlane(undefined);
  const troubles: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    await work().catch((error: unknown) =>
      troubles.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  for (const host of plane.hosts) await attempt(`agent of ${host.name}`, () => hostProcesses(plane, host, 'stop'));
  await attempt('embedded AWS', () => end(plane.emulator));
  await attempt('libvirt', () => stopLibvirt(plane));
  if (isAlive(plane.emulator)) troubles.push(`the embedded AWS (process ${plane.emulator.pid}) does not end`);
  const { emulator: _, ...rest } = plane;
  savePlane(rest);
  if (troubles.length > 0) throw new StartFault(`Not everything could be ended:\n  ${troubles.join('\n  ')}`);
};

if (!existsSync(inHome('plane.json'))) {
  console.log('Nothing to stop: no plane was started here.');
} else {
  await stop().then(
    () => console.log('NovaCron is stopped. Its state is kept; npm start brings it back.'),
    (error: unknown) => {
      log(error instanceof Error ? (error.stack ?? error.message) : String(error));
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
}
