/* A training loop around the simulated device (see device.py) that is starved by one thread of its own process: the
   thread prepares each batch, the main thread sleeps until it is there. Arguments: device file, account file, seconds. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static volatile uint64_t *state;
static uint64_t sequence, done_ns, start_ns, end_ns;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ready, finished;
static volatile uint64_t sink;

static uint64_t clock_ns(clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void publish(void) {
  sequence += 2;
  state[0] = sequence - 1;
  __sync_synchronize();
  state[1] = done_ns;
  state[2] = start_ns;
  state[3] = end_ns;
  state[4] = 20000;
  state[5] = 900;
  state[6] = (uint64_t)getpid();
  __sync_synchronize();
  state[0] = sequence;
}

static void launch(uint64_t length) {
  uint64_t now = clock_ns(CLOCK_MONOTONIC);
  if (end_ns <= now) {
    done_ns += end_ns - start_ns;
    start_ns = now;
    end_ns = now + length;
  } else {
    end_ns += length;
  }
  publish();
}

/* 60 ms of CPU a batch, however long that takes. */
static void *prepare(void *nothing) {
  (void)nothing;
  for (;;) {
    uint64_t until = clock_ns(CLOCK_THREAD_CPUTIME_ID) + 60000000u;
    while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < until)
      for (int i = 0; i < 2000; i++) sink = sink * 1103515245u + 12345u;
    pthread_mutex_lock(&lock);
    while (ready >= 2 && !finished) pthread_cond_wait(&changed, &lock);
    ready++;
    int over = finished;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    if (over) return NULL;
  }
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  int file = open(arguments[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || ftruncate(file, 64) != 0) return 1;
  state = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (state == MAP_FAILED) return 1;
  publish();
  uint64_t began = clock_ns(CLOCK_MONOTONIC), waited = 0;
  uint64_t until = began + (uint64_t)(atof(arguments[3]) * 1e9);
  pthread_t thread;
  if (pthread_create(&thread, NULL, prepare, NULL) != 0) return 1;
  while (clock_ns(CLOCK_MONOTONIC) < until) {
    uint64_t asked = clock_ns(CLOCK_MONOTONIC);
    pthread_mutex_lock(&lock);
    while (ready == 0) pthread_cond_wait(&changed, &lock);
    ready--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    waited += clock_ns(CLOCK_MONOTONIC) - asked;
    launch(20000000u);
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (end_ns > now + 30000000u) usleep((useconds_t)((end_ns - now) / 1000));
  }
  pthread_mutex_lock(&lock);
  finished = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  pthread_join(thread, NULL);
  double seconds = (double)(clock_ns(CLOCK_MONOTONIC) - began);
  FILE *account = fopen(arguments[2], "w");
  if (account == NULL) return 1;
  fprintf(account,
          "{\"deviceBusyShare\": %f, \"waitedForDataShare\": %f, \"mainCpuShare\": 0, \"workerReadingShare\": 0, "
          "\"workerCpuShare\": %f, \"workerBlockedShare\": 0, \"workerWorkingShare\": 1}",
          (double)(done_ns + (end_ns - start_ns)) / seconds, (double)waited / seconds,
          (double)clock_ns(CLOCK_PROCESS_CPUTIME_ID) / seconds);
  return fclose(account);
}
