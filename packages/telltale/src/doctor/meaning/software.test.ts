// Who an answer is taken to be from, by its headers, and what that one is told to do.

import { describe, expect, it } from 'vitest';
import { softwareOf, upgradeCureOf } from './software.ts';

const from = (headers: Readonly<Record<string, string>>) =>
  softwareOf({
    version: '1.1',
    status: 200,
    statusText: '',
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value]])),
  });

describe('a proxy', () => {
  it.each([
    [{ server: 'nginx/1.22.1' }, 'nginx/1.22.1', /proxy_set_header Upgrade/],
    [{ server: 'openresty' }, 'openresty', /proxy_http_version 1\.1/],
    [{ server: 'Tengine' }, 'Tengine', /proxy_http_version 1\.1/],
    [{ server: 'Apache/2.4.58 (Ubuntu)' }, 'Apache/2.4.58 (Ubuntu)', /upgrade=websocket/],
    [{ server: 'Caddy' }, 'Caddy', /reverse_proxy/],
    [{ server: 'cloudflare' }, 'Cloudflare', /switch on WebSockets/],
    [{ server: 'gunicorn', 'cf-ray': '8c1' }, 'Cloudflare', /switch on WebSockets/],
    [{ server: 'awselb/2.0' }, 'an AWS load balancer', /Application Load Balancer/],
    [{ 'x-amz-cf-id': 'x' }, 'CloudFront', /origin request policy/],
    [{ via: '1.1 abc.cloudfront.net (CloudFront)', server: 'CloudFront' }, 'CloudFront', /origin request policy/],
    [{ server: 'istio-envoy' }, 'istio-envoy', /upgrade_configs/],
    [{ 'x-envoy-upstream-service-time': '3' }, 'envoy', /upgrade_configs/],
    [{ server: 'Google Frontend' }, 'a Google load balancer', /pass the headers Upgrade and Connection on/],
    [{ via: '1.1 google' }, 'a Google load balancer', /pass the headers Upgrade and Connection on/],
    [{ server: 'HAProxy' }, 'HAProxy', /pass the headers/],
    [{ server: 'traefik' }, 'traefik', /pass the headers/],
    [{ server: 'Varnish' }, 'Varnish', /return \(pipe\)/],
    [{ server: 'Microsoft-IIS/10.0' }, 'Microsoft-IIS/10.0', /WebSocket Protocol feature/],
    [{ server: 'Vercel' }, 'Vercel', /connect to the server itself/],
    [{ server: 'Netlify' }, 'Netlify', /connect to the server itself/],
    [{ via: 'HTTP/1.1 edge7, 1.1 inner', server: 'Kestrel' }, 'edge7', /speak HTTP\/1\.1 to the server/],
  ])('names itself in %j', (headers, name, cure) => {
    const software = from(headers as Record<string, string>);
    expect(software).toMatchObject({ name, isProxy: true });
    expect(upgradeCureOf(software)).toMatch(cure);
  });
});

it.each([
  [{ server: 'uvicorn' }, 'uvicorn'],
  [{ 'x-powered-by': 'Express' }, 'Express'],
  [{ server: 'x'.repeat(200) }, 'x'.repeat(60)],
] as const)('a server that is no proxy is one by name: %j', (headers, name) => {
  expect(from(headers)).toMatchObject({ name, isProxy: false });
});

it('nobody is named where nobody says', () => {
  expect(from({ 'content-type': 'text/html' })).toBeUndefined();
  expect(upgradeCureOf(undefined)).toMatch(/what stands between/);
});
