import { App } from 'aws-cdk-lib';
import { ConfigFault, readConfig } from '../lib/config.ts';
import { compose } from '../lib/novacron.ts';

try {
  const app = new App();
  compose(app, readConfig(app.node.getAllContext()));
  app.synth();
} catch (error) {
  if (!(error instanceof ConfigFault)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
