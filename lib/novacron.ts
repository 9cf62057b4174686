import {
  type App,
  Aws,
  CliCredentialsStackSynthesizer,
  type Environment,
  type IStackSynthesizer,
  type Stack,
  type StackProps,
  Tags,
} from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { AlertsStack } from './alerts-stack.ts';
import { ApiStack } from './api-stack.ts';
import { bundle, entries } from './bundles.ts';
import type { Config } from './config.ts';
import { HostsStack } from './hosts-stack.ts';
import { OperationsStack } from './operations-stack.ts';
import { RegionStack } from './region-stack.ts';
import { StateStack } from './state-stack.ts';
import { WatchStack } from './watch-stack.ts';

/** Composes the stacks in the order in which a request flows through them. */
export const compose = (app: App, config: Config) => {
  const env = homeOf();
  const props = (name: string) => ({
    config,
    ...common(config, env),
    stackName: `NovaCron-${config.installation}-${name}`,
  });
  const bundles = bundle(entries());

  const state = new StateStack(app, 'State', props('State'));
  const hosts = new HostsStack(app, 'Hosts', props('Hosts'));
  const api = new ApiStack(app, 'Api', { ...props('Api'), state, hosts, bundles });
  const operations = new OperationsStack(app, 'Operations', { ...props('Operations'), state, hosts, api, bundles });
  const alerts = new AlertsStack(app, 'Alerts', { ...props('Alerts'), state, api, bundles });
  const watch = new WatchStack(app, 'Watch', { ...props('Watch'), state, api, operations, alerts });
  const regions = config.regions.map((region) => regionStack(app, region, { ...props(`Region-${region}`), config }));
  Tags.of(app).add('novacron:installation', config.installation);
  for (const stack of [state, hosts, api, operations, alerts, watch, ...regions]) bound(stack, config);
  return { state, hosts, api, operations, alerts, watch, regions };
};

/** No role of the stack may more than the boundary allows, whatever its policies say. */
const bound = (stack: Stack, { permissionsBoundary }: Config): void => {
  if (permissionsBoundary === undefined) return;
  const boundary = ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', permissionsBoundary);
  PermissionsBoundary.of(stack).apply(boundary);
};

/** Its home is the Region of the others; known only where credentials say so. */
const regionStack = (app: App, region: string, props: StackProps & { readonly config: Config }): RegionStack =>
  new RegionStack(app, `Region-${region}`, {
    ...props,
    homeRegion: props.env?.region ?? Aws.REGION,
    env: { ...props.env, region },
  });

/** Where the caller's credentials point; a synthesis without any is for any account and Region. */
const homeOf = (): Environment | undefined => {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return account && region ? { account, region } : undefined;
};

const common = (config: Config, env: Environment | undefined): Pick<StackProps, 'env' | 'synthesizer'> => {
  if (config.synthesizer === 'default') return env ? { env } : {};
  const fileAssetsBucketName = `cdk-assets-${env?.account}-${env?.region}`;
  // The class lacks only the `| undefined` that exactOptionalPropertyTypes asks of its interface.
  const synthesizer = new CliCredentialsStackSynthesizer({ fileAssetsBucketName }) as IStackSynthesizer;
  return { ...(env && { env }), synthesizer };
};
