// charts.js - the parts of ECharts (Apache-2.0) that the report uses; esbuild bundles them (`./dev charts`).
import * as echarts from "echarts/core";
import { BarChart, HeatmapChart, RadarChart, ScatterChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, RadarComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  BarChart, HeatmapChart, RadarChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, RadarComponent, TooltipComponent,
  VisualMapComponent, SVGRenderer,
]);
globalThis.echarts = echarts;
