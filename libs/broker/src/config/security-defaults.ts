/** Who may use the broker, how, and how much of it: Java's keys and defaults, where Java has them. */
export const securityDefaults = {
  // Access files are conf/plain_acl.yml and conf/acl/**.yml under rocketmqHome; where that is empty, plain_acl.yml and
  // acl/**.yml beside the file of -c
  aclEnable: false,
  rocketmqHome: '',

  // TLS on the same ports. Certificates are in the properties file that tls.config.file names, with Java's tls.* keys.
  // tls.enable is for the broker's own connections, with the NameServers
  'tls.server.mode': 'permissive',
  'tls.enable': false,
  'tls.config.file': '',

  // Connections at once, of all clients and of one address; Java knows no such bounds
  maxConnections: 16_384,
  maxConnectionsPerIp: 4096,

  // Whether clients from 5.3.2 on are told to go elsewhere (GO_AWAY) before the broker closes
  enableShutdownGracefully: false,
  shutdownWaitTimeSeconds: 30,
};
