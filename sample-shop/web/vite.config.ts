import { defineConfig } from 'vite';

const orderWeb = process.env.SHOP_ORDER_WEB_URL ?? 'http://127.0.0.1:8080';
const payWeb = process.env.SHOP_PAY_WEB_URL ?? 'http://127.0.0.1:9090';

export default defineConfig({
  // The page may be served below a path.
  base: './',
  oxc: { jsx: { runtime: 'automatic' } },
  build: {
    target: 'es2022',
    rolldownOptions: {
      onLog(level, log, report) {
        // 'use client' is meant for those who render on a server.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
      output: {
        codeSplitting: {
          // What changes rarely is kept by the browser when the page itself changes.
          groups: [
            {
              name: 'react',
              test: /node_modules[\\/](react|react-dom|scheduler|wouter|react-i18next|i18next|@tanstack)[\\/]/,
            },
            {
              name: 'antd',
              test: /node_modules[\\/](antd|@ant-design|@rc-component)[\\/](?!.*[\\/]locale[\\/])/,
            },
          ],
        },
      },
    },
  },
  server: {
    proxy: { '/order-web': orderWeb, '/pay-web': payWeb },
  },
});
