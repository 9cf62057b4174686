import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { awsEnv, endpointOf } from './embedded-aws.ts';
import { inHome, type Plane, ROOT } from './home.ts';
import { run, StartFault } from './processes.ts';

const SOURCES = [
  'bin',
  'lib',
  'lambdas',
  'step-functions',
  'ssm-documents',
  'cdk.json',
  'package-lock.json',
  'local/emulator',
];

const filesBelow = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name !== '__pycache__')
        .sort()
        .flatMap((name) => filesBelow(join(path, name)))
    : [path];

/** A digest of all that decides what the stacks are. */
const digestOf = (plane: Plane): string => {
  const hash = createHash('sha256').update(
    `${plane.installation} ${plane.port} ${plane.region} ${JSON.stringify(plane.context)}`,
  );
  for (const source of SOURCES) {
    for (const file of filesBelow(join(ROOT, source))) hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex');
};

const Outputs = z.record(z.string(), z.record(z.string(), z.string()));

/** Deploys the real stacks to the embedded AWS unless these very sources already are. @returns the plane with the stacks' outputs */
export const deploy = async (plane: Plane, tell: (line: string) => void): Promise<Plane> => {
  const digest = digestOf(plane);
  if (plane.deployed === digest && plane.outputs.ApiUrl) return plane;
  await makeAssetBucket(plane);
  const context = {
    installation: plane.installation,
    stage: 'dev',
    synthesizer: 'cli',
    alertEmail: 'ops@novacron.local',
    // One token does here what many people and programs do elsewhere.
    principalRateLimit: '1000',
    projectRateLimit: '1000',
    ...plane.context,
  };
  const args = [
    'deploy',
    '--all',
    ...['--require-approval', 'never', '--progress', 'events', '--concurrency', '4', '--ci'],
    ...['--output', inHome('cdk.out'), '--outputs-file', inHome('outputs.json')],
    ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
  ];
  await run(join(ROOT, 'node_modules', '.bin', 'cdk'), args, {
    cwd: ROOT,
    // The templates are held to the rules by npm run synth.
    env: { ...awsEnv(plane), CDK_VALIDATION: 'false' },
    onLine: (line) => tell(shorten(line)),
  });
  return { ...plane, deployed: digest, outputs: readOutputs() };
};

const readOutputs = (): Record<string, string> => {
  const file = inHome('outputs.json');
  if (!existsSync(file)) throw new StartFault(`The deployment wrote no outputs; see ${inHome('start.log')}.`);
  return Object.assign({}, ...Object.values(Outputs.parse(JSON.parse(readFileSync(file, 'utf8')))));
};

const shorten = (line: string): string => line.replace(/\s+/g, ' ').slice(0, 100);

/** CliCredentialsStackSynthesizer needs the bucket and nothing else of a bootstrap. */
const makeAssetBucket = async (plane: Plane): Promise<void> => {
  const s3 = new S3Client({
    endpoint: endpointOf(plane),
    region: plane.region,
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const bucket = `cdk-assets-${plane.account}-${plane.region}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: Error) => {
    if (error.name !== 'BucketAlreadyOwnedByYou') throw error;
  });
};
