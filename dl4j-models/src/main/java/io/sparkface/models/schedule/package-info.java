/** Learning rates over a run (spec 6.1). */
package io.sparkface.models.schedule;
