import { theme } from 'antd';
import type { ThemeConfig } from 'antd';

export type Mode = 'light' | 'dark';

const fonts = {
  fontFamily:
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif",
  fontSize: 15,
  borderRadius: 9,
  controlHeight: 38,
  // antd knows nothing of the wish for less motion; and a colour on its way to another has too little contrast.
  motion: false,
};

const ALERT = { withDescriptionPadding: '12px 14px', withDescriptionIconSize: 20 };

/** antd's tokens beside the custom properties of theme.css: the same colours, none with less contrast than 4.5 : 1. */
export const THEMES: Record<Mode, ThemeConfig> = {
  light: {
    algorithm: theme.defaultAlgorithm,
    token: {
      ...fonts,
      colorPrimary: '#4f46e5',
      colorPrimaryHover: '#4338ca',
      colorSuccess: '#0b7a4b',
      colorWarning: '#925600',
      colorError: '#bb2027',
      colorTextBase: '#171a2b',
      colorBgBase: '#ffffff',
      colorBorder: '#8b92ab',
      colorTextSecondary: '#525971',
      colorTextTertiary: '#5b627b',
      colorTextPlaceholder: '#656c85',
    },
    components: { Alert: ALERT, Segmented: { trackBg: '#e4e7f2', itemColor: '#454b63' } },
  },
  dark: {
    algorithm: theme.darkAlgorithm,
    token: {
      ...fonts,
      colorPrimary: '#6d6af8',
      colorSuccess: '#4ade95',
      colorWarning: '#fbbf4d',
      colorError: '#ff8a8a',
      colorTextBase: '#eceefa',
      colorBgBase: '#13172a',
      colorBgContainer: '#181d33',
      colorBgElevated: '#20263f',
      colorBorder: '#6b7398',
      colorTextSecondary: '#b3b9d4',
      colorTextTertiary: '#a4abc8',
      colorTextPlaceholder: '#9aa1c0',
    },
    components: {
      Alert: ALERT,
      Segmented: { trackBg: '#23294a', itemColor: '#c3c8e2', itemSelectedBg: '#3c4377' },
      Button: {
        colorPrimary: '#5b57e8',
        colorPrimaryHover: '#6661ea',
        defaultHoverColor: '#c3c2ff',
        defaultHoverBorderColor: '#a9a8ff',
        defaultActiveColor: '#c3c2ff',
        colorPrimaryActive: '#4a46d1',
      },
    },
  },
};
