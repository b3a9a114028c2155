package io.sparkface.pipeline.distribute;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sparkface.base.UserError;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutorsTest {
  @ParameterizedTest
  @CsvSource({
    "spark.speculation,true",
    "spark.dynamicAllocation.enabled,true",
    "spark.executor.resource.gpu.amount,4"
  })
  void whatTakesWorkersAwayOrPutsTwoTogetherIsRefused(String key, String value) {
    assertThatThrownBy(() -> Executors.requireFixed(new SparkConf(false).set(key, value)))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(key);
  }

  @Test
  void oneGpuForEachExecutorIsWelcome() {
    SparkConf conf = new SparkConf(false).set("spark.executor.resource.gpu.amount", "1");
    assertThatCode(() -> Executors.requireFixed(conf)).doesNotThrowAnyException();
  }
}
