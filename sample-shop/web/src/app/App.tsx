import { ConfigProvider, Skeleton } from 'antd';
import { useTranslation } from 'react-i18next';
import { useUsers } from '../api/queries.ts';
import { currentAntdLocale } from '../i18n/language.ts';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';
import { THEMES } from '../theme/theme.ts';
import { useMode } from '../theme/useMode.ts';
import { Footer } from './Footer.tsx';
import { Header } from './Header.tsx';
import { Shop } from './Shop.tsx';
import { Steps } from './Steps.tsx';
import './app.css';

/** The page: in a language, in light or dark, and with the shop in it once the shop answers. */
export function App() {
  useTranslation();
  const [mode, setMode] = useMode();
  const { data: users, error, refetch } = useUsers();
  const [first, ...others] = users ?? [];
  const locale = currentAntdLocale();
  return (
    <ConfigProvider theme={THEMES[mode]} {...(locale && { locale })}>
      <div className="page">
        <Header mode={mode} onMode={setMode} />
        <main>
          <Steps />
          {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
          {first ? (
            <Shop users={[first, ...others]} />
          ) : (
            !error && <Skeleton active title={false} paragraph={{ rows: 9 }} />
          )}
        </main>
        <Footer />
      </div>
    </ConfigProvider>
  );
}
