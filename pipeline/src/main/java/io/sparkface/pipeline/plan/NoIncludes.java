package io.sparkface.pipeline.plan;

import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import io.sparkface.base.UserError;

/** Refuses {@code include}: a plan from elsewhere must not read other files of this machine. */
record NoIncludes(String plan) implements ConfigIncluder {
  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    throw new UserError(
        "a plan cannot include other files", plan, "copy '" + what + "' into the plan");
  }
}
