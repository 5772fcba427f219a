import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { startLanguage } from './i18n/language.ts';
import { shouldRetry } from './api/retry.ts';
import './theme/theme.css';
import './timeline/tree.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no element #root');

const client = new QueryClient({ defaultOptions: { queries: { retry: shouldRetry } } });

await startLanguage();
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
