import { EC2Client, EC2ServiceException } from '@aws-sdk/client-ec2';
import { SSMClient, SSMServiceException } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import type { RegionClients } from '../../lambdas/providers/ec2/clients.ts';

/** The one place that knows aws-sdk-client-mock: the clients of a Region, which answer as a test tells them to. */
export const stubbedClients = () => {
  const settings = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } };
  const clients: RegionClients = {
    ec2: new EC2Client(settings),
    changing: new EC2Client(settings),
    ssm: new SSMClient(settings),
  };
  return {
    clients,
    ec2: mockClient(clients.ec2),
    changing: mockClient(clients.changing),
    ssm: mockClient(clients.ssm),
  };
};

/** An error as EC2 answers it. 400 is what most of its refusals come with. */
export const ec2Error = (code: string, message = 'as EC2 says it', status = 400): EC2ServiceException =>
  new EC2ServiceException({
    name: code,
    message,
    $fault: status < 500 ? 'client' : 'server',
    $metadata: { httpStatusCode: status },
  });

/** An error as Systems Manager answers it. */
export const ssmError = (code: string): SSMServiceException =>
  new SSMServiceException({ name: code, message: code, $fault: 'client', $metadata: { httpStatusCode: 400 } });
