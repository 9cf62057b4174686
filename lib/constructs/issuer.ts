import { CfnOutput, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { CfnUserPoolGroup, FeaturePlan, Mfa, UserPool, type UserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { type Config, STAGE_TRAITS } from '../config.ts';

export interface IssuerProps {
  readonly config: Config;
}

interface OwnPool {
  readonly pool: UserPool;
  readonly client: UserPoolClient;
}

/** Groups of the pool, which are our roles. */
const GROUPS = ['admin', 'operator', 'viewer'] as const;

/** Who says who people are: the issuer of the settings, else a Cognito user pool of our own. */
export class Issuer extends Construct {
  readonly url: string;
  /** Comma-separated. */
  readonly audience: string;
  private readonly own: OwnPool | undefined;

  constructor(scope: Construct, id: string, { config }: IssuerProps) {
    super(scope, id);
    this.own = config.oidcIssuer ? undefined : ownPool(this, config);
    this.url = config.oidcIssuer ?? this.own?.pool.userPoolProviderUrl ?? '';
    this.audience = this.own?.client.userPoolClientId ?? config.oidcAudience.join(',');
  }

  /** Writes what a person needs to sign in into the stack's outputs. */
  tell(stack: Stack): void {
    new CfnOutput(stack, 'IssuerUrl', { value: this.url });
    if (!this.own) return;
    new CfnOutput(stack, 'UserPoolId', { value: this.own.pool.userPoolId });
    new CfnOutput(stack, 'UserPoolClientId', { value: this.own.client.userPoolClientId });
  }
}

const ownPool = (scope: Construct, config: Config): OwnPool => {
  const traits = STAGE_TRAITS[config.stage];
  const pool = new UserPool(scope, 'People', {
    userPoolName: `novacron-${config.installation}`,
    selfSignUpEnabled: false,
    signInAliases: { username: true, email: true },
    featurePlan: FeaturePlan.ESSENTIALS,
    mfa: Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    passwordPolicy: {
      minLength: 12,
      requireDigits: true,
      requireLowercase: true,
      requireUppercase: true,
      requireSymbols: true,
    },
    deletionProtection: traits.deletionProtection,
    removalPolicy: traits.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  for (const group of GROUPS) {
    new CfnUserPoolGroup(scope, group, { userPoolId: pool.userPoolId, groupName: `novacron-${group}` });
  }
  const client = pool.addClient('Cli', {
    authFlows: { userSrp: true, userPassword: true },
    preventUserExistenceErrors: true,
    disableOAuth: true,
  });
  return { pool, client };
};
