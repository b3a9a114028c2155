/**
 * Face-recognition networks for DL4J: what to build ({@code NetworkSpec}) and how ({@code
 * Networks}).
 */
package io.sparkface.models;
